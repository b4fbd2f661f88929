// Kinds of events in words, for the console, the panel and exceptions: those whose names in the log are no words.
import type { EventKind } from './types';

const WORDS: Partial<Record<EventKind, string>> = {
  kickSuppressed: 'kick suppressed',
  interruptSuppressed: 'interrupt suppressed',
  queueStop: 'transmit queue stopped',
  queueWake: 'transmit queue woken',
  timerFire: 'timer fired',
  usedIdx: 'used.idx moved',
  irqEnter: 'interrupt entered',
  irqExit: 'interrupt left',
};

export const eventWord = (kind: EventKind): string => WORDS[kind] ?? kind;
