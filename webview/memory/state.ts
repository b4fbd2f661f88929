// The memory view's state: which part of the ring is shown, the bytes that are known of it, and what has to be asked for. Pure.
import type { FromPanel, PanelState, ToPanel } from '../../src/panel/protocol';
import { placeInRing } from '../format';
import { partSize, type Part } from './fields';

export interface Memory {
  readonly open: boolean;
  readonly part: Part;
  /** counts states: bytes of an older one are drawn until the new ones are there */
  readonly revision: number;
  /** guest pointer, and bytes in hex */
  readonly bytes?: { readonly address: number; readonly hex: string };
  readonly asked?: string;
  readonly answered?: string;
}

export type MemoryAction =
  | { readonly do: 'open'; readonly open: boolean }
  | { readonly do: 'part'; readonly part: Part }
  | { readonly do: 'asked'; readonly key: string };

/** Bytes of a row. */
export const ROW_BYTES = 16;
/** Rows asked for beyond those in view, on each side. */
const MARGIN = 32;

export const initialMemory: Memory = { open: false, part: 'desc', revision: 0 };

export function receiveMemory(memory: Memory, message: ToPanel): Memory {
  switch (message.type) {
    case 'state':
      return { ...memory, revision: memory.revision + 1 };
    case 'memory': {
      const { address, bytes } = message;
      return { ...memory, bytes: { address, hex: bytes }, answered: memory.asked, asked: undefined };
    }
    default:
      return memory;
  }
}

export function updateMemory(memory: Memory, action: MemoryAction): Memory {
  switch (action.do) {
    case 'open':
      return { ...memory, open: action.open };
    case 'part':
      return { ...memory, part: action.part };
    case 'asked':
      return { ...memory, asked: action.key };
  }
}

/** Guest pointer of a part of a queue's ring; undefined when it lies outside the pointers' range, or the queue is not set up. */
export function partPointer(panel: PanelState, queue: PanelState['queues'][number], part: Part): number | undefined {
  return queue.ready ? placeInRing(queue.ring.layout[part], 0, 1, panel.physOffset)?.address : undefined;
}

/**
 * The question to ask now, if there is one.
 * @param first row in view
 * @param rows in view
 */
export function dueMemory(
  memory: Memory,
  panel: PanelState,
  queue: PanelState['queues'][number] | undefined,
  first: number,
  rows: number,
): { readonly key: string; readonly message: Extract<FromPanel, { type: 'memory' }> } | undefined {
  const pointer = queue && partPointer(panel, queue, memory.part);
  if (!memory.open || memory.asked !== undefined || queue === undefined || pointer === undefined) return undefined;
  const size = partSize(memory.part, queue.ring.layout);
  // by steps of the margin: scrolling by a row asks for nothing new
  const from = Math.max(0, Math.floor(first / MARGIN) - 1) * MARGIN * ROW_BYTES;
  const to = Math.min(size, (Math.ceil((first + rows) / MARGIN) + 1) * MARGIN * ROW_BYTES);
  if (to <= from) return undefined;
  const key = `${memory.revision}/${pointer}/${from}/${to}`;
  if (key === memory.answered) return undefined;
  return { key, message: { type: 'memory', address: pointer + from, size: to - from } };
}
