// The kinds of events by name: what a report counts, zeros included.
import type { EventKind } from '../machine';

/** An object, so that the compiler tells when a kind is missing. */
const KINDS: Readonly<Record<EventKind, true>> = {
  add: true,
  expose: true,
  kick: true,
  kickSuppressed: true,
  callbacks: true,
  notify: true,
  take: true,
  sent: true,
  arrive: true,
  drop: true,
  use: true,
  usedIdx: true,
  interrupt: true,
  interruptSuppressed: true,
  irqEnter: true,
  irqExit: true,
  timerArm: true,
  timerCancel: true,
  timerFire: true,
  status: true,
  features: true,
  queueReady: true,
  skb: true,
  queueStop: true,
  queueWake: true,
  napi: true,
  printk: true,
  finding: true,
  trap: true,
  edit: true,
  end: true,
};

export const EVENT_KINDS = Object.keys(KINDS) as readonly EventKind[];
