// What an action of a host thread costs that thread, in virtual ns; its copies are counted on the way.
import { unalignedPieces, type HostAction, type TakenChain } from '../device';
import type { Hub } from './hub';

/** @param result what performing the action returned */
export function actionCost(hub: Hub, action: HostAction, result: unknown): number {
  const { costs } = hub;
  switch (action.do) {
    case 'sleep':
      return action.ns;
    case 'take':
      return costs.hostRead + costs.hostDescriptor * (result as { descriptors: number }).descriptors;
    case 'send':
      return costs.hostTap + copied(hub, result as number, action.chain, false, action.skip);
    case 'nextFrame':
      // a readv() that finds nothing comes back early
      return result === undefined ? Math.floor(costs.hostTap / 3) : costs.hostTap;
    case 'fill':
      return copied(hub, result as number, action.chain, true, action.header.length);
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

/** Counts a copy between a packet's buffers and the tap, header included; what it costs in virtual ns. */
function copied({ costs, statistics }: Hub, bytes: number, chain: TakenChain, write: boolean, header: number): number {
  const { counts } = statistics.cost;
  const unaligned = unalignedPieces(chain, write, header, write ? bytes - header : bytes);
  counts.copiedByHost += bytes;
  counts.unalignedByHost += unaligned;
  return costs.copyPer16 * Math.ceil(bytes / 16) + costs.unaligned * unaligned;
}
