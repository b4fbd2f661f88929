// The bytes of a pending skb: as its chain gives them to the device, or where the kernel keeps them; decoded field by field.
import type { SkbLayout } from '../../guest';
import type { SkbView, StopState } from '../../machine';
import type { PanelQueue, PanelState } from '../protocol';
import { featureBits } from '../device-words';
import { dissectFrame } from './dissect';
import { dissectNetHeader, frameOffset, netHeaderSize, type NetHeaderSize } from './net-header';
import type { PacketField } from './reader';

/** A stretch of guest memory that holds part of the packet. */
export interface PacketPart {
  /** `desc 9`, `skb->data`, `frag 0` */
  readonly name: string;
  /** guest-physical, hex */
  readonly address: string;
  /** bytes of it in the packet */
  readonly length: number;
}

export interface SkbBytes {
  readonly skb: number;
  /** where in the run they were read */
  readonly position: StopState['position'];
  readonly parts: readonly PacketPart[];
  /** two digits a byte, in order; the first ones when there are many */
  readonly hex: string;
  /** bytes of the whole */
  readonly length: number;
  readonly fields: readonly PacketField[];
  /** why there is nothing, or less than all */
  readonly note?: string;
}

/** bytes sent to the page: a frame of any MTU up to 9000 would be more than anybody reads */
const MOST = 2048;
const PAGE = 4096;

export interface SkbMemory {
  readonly ram: Uint8Array;
  readonly physOffset: bigint;
  /** offsets in struct sk_buff, where the program's debug information has them */
  readonly layout?: SkbLayout;
  /** address of the variable mem_map, which points to the array of struct page */
  readonly memMap?: number;
}

interface Piece extends PacketPart {
  /** guest pointer */
  readonly at: number;
}

/** Reads and decodes a pending skb at a stop; undefined when it is not pending any more. Never throws on what the guest wrote. */
export function readSkb(state: PanelState, id: number, memory: SkbMemory): SkbBytes | undefined {
  const skb = state.skbs.find((s) => s.id === id);
  if (!skb) return undefined;
  const queue = state.queues.find((q) => q.ring.name === skb.queue);
  const header = netHeaderSize(featureBits(state.device.features));
  if (queue && skb.head !== undefined) return fromChain(state, skb, queue, header, memory);
  return fromKernel(state, skb, memory);
}

function fromChain(
  state: PanelState,
  skb: SkbView,
  queue: PanelQueue,
  header: NetHeaderSize,
  memory: SkbMemory,
): SkbBytes {
  const pieces = chainPieces(queue, skb.head ?? 0, memory);
  const used = usedLength(queue, skb.head ?? 0);
  if (skb.direction === 'rx' && used === undefined) {
    const room = pieces.reduce((sum, piece) => sum + piece.length, 0);
    return packed(state, skb, pieces, [], `an empty buffer: ${room} bytes that the device may write`);
  }
  const shown = skb.direction === 'rx' ? cut(pieces, used ?? 0) : pieces;
  const bytes = gather(shown, memory.ram);
  const frame = frameOffset(bytes, header);
  const fields = [...dissectNetHeader(bytes, header), ...(bytes.length > frame ? dissectFrame(bytes, frame) : [])];
  return packed(state, skb, shown, fields, undefined, bytes);
}

/** Where no chain holds it: the linear part at skb->data, then the fragments. */
function fromKernel(state: PanelState, skb: SkbView, memory: SkbMemory): SkbBytes {
  const { layout } = memory;
  if (!layout) return packed(state, skb, [], [], 'the driver’s debug information does not describe struct sk_buff');
  const pieces = kernelPieces(skb, layout, memory);
  const bytes = gather(pieces, memory.ram);
  if (bytes.length === 0) return packed(state, skb, pieces, [], 'no byte has been put into it yet');
  return packed(state, skb, pieces, dissectFrame(bytes), undefined, bytes);
}

function packed(
  state: PanelState,
  skb: SkbView,
  pieces: readonly Piece[],
  fields: readonly PacketField[],
  note: string | undefined,
  bytes: Uint8Array = new Uint8Array(),
): SkbBytes {
  const cutOff = bytes.length > MOST ? `the first ${MOST} of ${bytes.length} bytes` : undefined;
  return {
    skb: skb.id,
    position: state.position,
    parts: pieces.map(({ name, address, length }) => ({ name, address, length })),
    hex: Buffer.from(bytes.subarray(0, MOST)).toString('hex'),
    length: bytes.length,
    fields,
    ...((note ?? cutOff) !== undefined && { note: note ?? cutOff }),
  };
}

/** The buffers of a chain, an indirect table's in its place; those the walk of the ring has reached, once each. */
function chainPieces({ ring }: PanelQueue, head: number, memory: SkbMemory): Piece[] {
  const pieces: Piece[] = [];
  const seen = new Set<number>();
  for (let at = head; !seen.has(at);) {
    seen.add(at);
    const d = ring.descriptors[at];
    if (!d) break;
    for (const entry of d.indirect ?? [d]) {
      const name = d.indirect ? `desc ${at}.${entry.index}` : `desc ${at}`;
      pieces.push({ name, address: entry.addr, length: entry.len, at: pointerOf(entry.addr, memory) });
    }
    if (!(d.flags & 1)) break;
    at = d.next;
  }
  return pieces;
}

/** Bytes the device said it wrote into a chain; undefined before it did. */
function usedLength({ ring, usedSlots }: PanelQueue, head: number): number | undefined {
  const slot = usedSlots.findIndex((state, i) => state !== 'stale' && ring.used.ring[i]?.id === head);
  return ring.used.ring[slot]?.len;
}

function kernelPieces(skb: SkbView, layout: SkbLayout, memory: SkbMemory): Piece[] {
  const { ram, physOffset } = memory;
  const view = new DataView(ram.buffer, ram.byteOffset, ram.byteLength);
  const word = (at: number): number => (at >= 0 && at + 4 <= ram.length ? view.getUint32(at, true) : 0);
  const piece = (name: string, at: number, length: number): Piece => ({
    name,
    at,
    length,
    address: `0x${(BigInt(at) + physOffset).toString(16)}`,
  });
  const linear = Math.max(0, word(skb.address + layout.len) - word(skb.address + layout.dataLen));
  const pieces = [piece('skb->data', word(skb.address + layout.data), linear)];
  const info = word(skb.address + layout.end);
  const fragments = Math.min(word(info + layout.nrFrags) & 0xffff, layout.maxFrags);
  for (let i = 0; memory.memMap !== undefined && info !== 0 && i < fragments; i++) {
    const fragment = info + layout.frags + i * layout.fragSize;
    const page = Math.floor((word(fragment + layout.fragPage) - word(memory.memMap)) / layout.pageStruct);
    const length = word(fragment + layout.fragLength);
    pieces.push(piece(`frag ${i}`, PAGE * page + word(fragment + layout.fragOffset), length));
  }
  return pieces;
}

const pointerOf = (address: string, { physOffset }: SkbMemory): number => Number(BigInt(address) - physOffset);

/** The first bytes of the pieces. */
function cut(pieces: readonly Piece[], length: number): Piece[] {
  const shown: Piece[] = [];
  let left = length;
  for (const piece of pieces) {
    if (left <= 0) break;
    shown.push({ ...piece, length: Math.min(piece.length, left) });
    left -= piece.length;
  }
  return shown;
}

/** No frame is longer (a GSO segment of 64 KiB and its headers): what claims to be is damaged. */
const LONGEST = 0x11000;

/** All bytes in order, up to the first that lie outside RAM. */
function gather(pieces: readonly Piece[], ram: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let left = LONGEST;
  for (const { at, length } of pieces) {
    if (at < 0 || at + length > ram.length) break;
    // a copy: the guest's memory is shared with the worker
    parts.push(ram.slice(at, at + Math.min(length, left)));
    left -= length;
    if (left <= 0) break;
  }
  return Buffer.concat(parts);
}
