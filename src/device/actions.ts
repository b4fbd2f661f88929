// A host thread's action in words.
import type { HostAction } from './host';

/** An action in words, as the next thing a thread will do. */
export function describeAction(action: HostAction): string {
  switch (action.do) {
    case 'rest':
    case 'loop':
    case 'wait':
    case 'sleep':
      return action.text;
    case 'readAvailIdx':
      return `read avail.idx of ${action.queue}`;
    case 'readAvailFlags':
      return `read avail.flags of ${action.queue}`;
    case 'readUsedEvent':
      return `read used_event of ${action.queue}`;
    case 'take':
      return `take the chain at avail.idx ${action.index} of ${action.queue}`;
    case 'availBytes':
      return `sum up the bytes posted on ${action.queue}, to ${action.limit}`;
    case 'untake':
      return `put chain ${action.head} of ${action.queue} back`;
    case 'use':
      return `write used entry ${action.index} of ${action.queue}: id ${action.head}, len ${action.len}`;
    case 'setUsedIdx':
      return `set used.idx of ${action.queue} to ${action.idx}`;
    case 'setUsedFlags':
      return `set used.flags of ${action.queue} to ${action.flags}`;
    case 'setAvailEvent':
      return `set avail_event of ${action.queue} to ${action.idx}`;
    case 'send':
      return `send chain ${action.chain.head} of ${action.queue}`;
    case 'pollTap':
      return action.poll ? 'poll the tap again' : 'stop polling the tap';
    case 'mb':
      return `memory barrier for ${action.queue}`;
    case 'peekFrame':
      return 'look at the next frame at the tap';
    case 'nextFrame':
      return 'read a frame from the tap';
    case 'fill':
      return `copy ${action.length} bytes into chain ${action.chain.head} of ${action.queue}${action.skip ? `, ${action.skip} left out before them` : ''}`;
    case 'patch':
      return `write ${action.bytes.length} bytes at ${action.offset} of chain ${action.chain.head} of ${action.queue}`;
    case 'dropFrame':
      return `drop the frame: ${action.why}`;
    case 'interrupt':
      return `interrupt for ${action.queue}`;
    case 'suppressInterrupt':
      return `no interrupt for ${action.queue}: ${action.why}`;
    case 'armTimer':
      return `arm ${action.name}, ${action.ns} ns`;
    case 'cancelTimer':
      return `delete ${action.name}`;
    case 'signal':
      return `signal ${action.name}`;
    case 'die':
      return `give up: ${action.why}`;
  }
}
