// What an action of a host thread costs that thread, in virtual ns; its copies are counted on the way.
import { unalignedPieces, type HostAction } from '../device';
import type { Hub } from './hub';

/** An action of this kind. */
type Of<Kind extends HostAction['do']> = Extract<HostAction, { readonly do: Kind }>;

/**
 * @param does its kind, which the caller knows: actions have as many shapes as kinds, so that reading it is a search
 * @param result what performing the action returned
 */
export function actionCost(hub: Hub, action: HostAction, does: HostAction['do'], result: unknown): number {
  const { costs } = hub;
  switch (does) {
    case 'sleep':
      return (action as Of<'sleep'>).ns;
    case 'take':
      return costs.hostRead + costs.hostDescriptor * (result as { descriptors: number }).descriptors;
    case 'send': {
      const { chain, skip } = action as Of<'send'>;
      const sent = result as number;
      return costs.hostTap + copied(hub, sent, unalignedPieces(chain, false, skip, sent));
    }
    case 'nextFrame':
      // a readv() that finds nothing comes back early
      return result === undefined ? Math.floor(costs.hostTap / 3) : costs.hostTap;
    case 'fill': {
      const { chain, header, skip = 0 } = action as Of<'fill'>;
      const bytes = (result as number) - skip;
      return copied(hub, bytes, unalignedPieces(chain, true, header.length + skip, bytes - header.length));
    }
    case 'patch':
      return costs.copyPer16 * Math.ceil((result as number) / 16);
    case 'armTimer':
    case 'cancelTimer':
      return costs.hostTimer;
    case 'interrupt':
      return costs.hostInterrupt;
    case 'availBytes':
      return costs.hostRead + 2 * costs.hostDescriptor;
    case 'peekFrame':
    case 'readAvailIdx':
    case 'readAvailFlags':
    case 'readUsedEvent':
      return costs.hostRead;
    case 'use':
    case 'setUsedIdx':
    case 'setUsedFlags':
    case 'setAvailEvent':
    case 'mb':
      return costs.hostWrite;
    default:
      return 0;
  }
}

/**
 * Counts a copy between a packet's buffers and the tap; what it costs in virtual ns.
 * @param bytes what is copied, header included
 * @param unaligned pieces of it that are not aligned
 */
function copied({ costs, statistics }: Hub, bytes: number, unaligned: number): number {
  const { counts } = statistics.cost;
  counts.copiedByHost += bytes;
  counts.unalignedByHost += unaligned;
  return costs.copyPer16 * Math.ceil(bytes / 16) + costs.unaligned * unaligned;
}
