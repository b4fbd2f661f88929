// The bytes of a taken chain: how many there are, collecting and spreading them over its segments.
import type { TakenChain } from './host';
import type { GuestMemory } from './memory';

/** Bytes of a chain that the device may read, or write. */
export function chainBytes(chain: TakenChain, write: boolean): number {
  let bytes = 0;
  for (const segment of chain.segments) if (segment.write === write) bytes += segment.len;
  return bytes;
}

/** Bytes of a chain in both directions. */
export function totalBytes(chain: TakenChain): number {
  let bytes = 0;
  for (const segment of chain.segments) bytes += segment.len;
  return bytes;
}

/** Frames are this long at most: 64 KiB and a header, as a device with segmentation offload takes them. */
const LONGEST = 0x10000 + 64;

/** Room for one frame at a time: a run of a million packets makes no array for each. */
export class FrameBuffer {
  private readonly bytes = new Uint8Array(LONGEST);
  private last = this.bytes.subarray(0, 0);

  /** An array of so many bytes, whatever they are, that is the caller's until the next call. */
  room(length: number): Uint8Array {
    if (length > LONGEST) return new Uint8Array(length);
    if (this.last.length !== length) this.last = this.bytes.subarray(0, length);
    return this.last;
  }
}

/** The device-readable bytes behind the first `skip`, so many, copied into `buffer`. */
export function gather(
  memory: GuestMemory,
  chain: TakenChain,
  skip: number,
  count: number,
  buffer: FrameBuffer,
): Uint8Array {
  const bytes = buffer.room(count);
  let before = skip;
  let filled = 0;
  for (const { addr, len, write } of chain.segments) {
    if (write) continue;
    const dropped = Math.min(before, len);
    before -= dropped;
    if (len > dropped) memory.copyOut(addr + dropped, len - dropped, bytes, filled);
    filled += len - dropped;
  }
  return bytes;
}

/** Writes bytes into a chain's device-writable segments from `offset` on, as far as they reach. Returns how many were written. */
export function scatter(memory: GuestMemory, chain: TakenChain, offset: number, bytes: Uint8Array): number {
  let skip = offset;
  let done = 0;
  for (const { addr, len, write } of chain.segments) {
    if (done === bytes.length) break;
    if (!write) continue;
    const from = Math.min(skip, len);
    skip -= from;
    const size = Math.min(len - from, bytes.length - done);
    memory.writeFrom(addr + from, bytes, done, size);
    done += size;
  }
  return done;
}

/**
 * How many pieces of a packet begin at an address that is no multiple of 4, which DMA engines and some CPUs are slow at: one piece
 * a descriptor.
 * @param write the packet is written into the chain; otherwise it is read from there
 * @param skip bytes before the packet: its header
 * @param length bytes of the packet
 */
export function unalignedPieces(chain: TakenChain, write: boolean, skip: number, length: number): number {
  let before = skip;
  let left = length;
  let count = 0;
  for (const segment of chain.segments) {
    if (left <= 0) break;
    if (segment.write !== write) continue;
    const from = Math.min(before, segment.len);
    before -= from;
    const size = Math.min(segment.len - from, left);
    left -= size;
    if (size > 0 && (segment.addr + from) % 4 !== 0) count++;
  }
  return count;
}
