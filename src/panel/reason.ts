// Why the machine stopped, in words.
import { eventWord, type MachineEvent, type StopReason } from '../machine';
import { MOVED } from './protocol';

/** The stop's reason as the panel's header and its live region say it. */
export function reasonText(reason: StopReason): string {
  switch (reason.kind) {
    case 'entry':
      return 'Stopped at the scenario’s first stop';
    case 'step':
      return 'Stepped';
    case 'pause':
      return 'Paused';
    case 'goto':
      return MOVED;
    case 'breakpoint':
      return 'Stopped at a breakpoint';
    case 'data':
      return `Stopped at a data breakpoint: ${reason.before} → ${reason.after}, written by the ${reason.author}`;
    case 'event':
      return `Stopped at an event: ${eventText(reason.event)}`;
    case 'start':
      return 'At power-on: nothing lies before';
    case 'end':
      return reason.text || (reason.how === 'trap' ? 'The driver trapped' : 'The run is over');
  }
}

function eventText({ what, queue, who, detail }: MachineEvent): string {
  if (what === 'finding') return `a finding${typeof detail.kind === 'string' ? `, ${detail.kind}` : ''}`;
  return `${eventWord(what)}${queue === undefined ? '' : ` on ${queue}`}, by ${who}`;
}
