// pcap files: reading the classic format in all its byte orders and resolutions, and writing it (draft-ietf-opsawg-pcap).

/** LINKTYPE_ETHERNET: the only one that a network card can replay. */
export const LINKTYPE_ETHERNET = 1;

export interface PcapPacket {
  /** ns since the epoch, as the file says */
  readonly timeNs: bigint;
  /** the bytes that were captured */
  readonly bytes: Uint8Array;
  /** bytes of the packet on the wire; more than `bytes` when the capture cut it short (snaplen) */
  readonly wireLength: number;
}

export interface PcapFile {
  /** the file counts ns, not µs */
  readonly nanoseconds: boolean;
  readonly packets: readonly PcapPacket[];
  /** 0-based numbers of packets that were captured shorter than they were */
  readonly cut: readonly number[];
}

/** The file is no pcap that can be read; the message says at which byte, what was found and what was expected. */
export class PcapError extends Error {
  constructor(
    readonly offset: number,
    message: string,
  ) {
    super(`byte ${offset}: ${message}`);
    this.name = 'PcapError';
  }
}

const FILE_HEADER = 24;
const PACKET_HEADER = 16;
const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const PCAPNG = 0x0a0d0d0a;
/** MAXIMUM_SNAPLEN of libpcap: a longer record is damage, not a packet */
const MAX_PACKET = 262144;

const hex = (n: number): string => `0x${n.toString(16).padStart(8, '0')}`;

/** Reads a whole file. Throws a PcapError for anything that is no complete Ethernet capture. */
export function readPcap(file: Uint8Array): PcapFile {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const { little, nanoseconds } = byteOrder(file, view);
  if (file.length < FILE_HEADER)
    throw new PcapError(
      file.length,
      `the file ends within its header: expected ${FILE_HEADER} bytes, found ${file.length}`,
    );
  const major = view.getUint16(4, little);
  if (major !== 2) throw new PcapError(4, `pcap version ${major}.${view.getUint16(6, little)}: expected 2.4`);
  const linkType = view.getUint32(20, little) & 0x0fffffff;
  if (linkType !== LINKTYPE_ETHERNET)
    throw new PcapError(20, `link type ${linkType}: expected ${LINKTYPE_ETHERNET} (Ethernet)`);
  const packets: PcapPacket[] = [];
  const cut: number[] = [];
  for (let at = FILE_HEADER; at < file.length;) {
    const packet = readPacket(file, view, at, packets.length, little, nanoseconds);
    if (packet.wireLength > packet.bytes.length) cut.push(packets.length);
    packets.push(packet);
    at += PACKET_HEADER + packet.bytes.length;
  }
  return { nanoseconds, packets, cut };
}

function byteOrder(file: Uint8Array, view: DataView): { readonly little: boolean; readonly nanoseconds: boolean } {
  if (file.length < 4)
    throw new PcapError(0, `the file has ${file.length} bytes: expected a pcap, which has at least ${FILE_HEADER}`);
  for (const little of [true, false]) {
    const magic = view.getUint32(0, little);
    if (magic === MICROSECONDS || magic === NANOSECONDS) return { little, nanoseconds: magic === NANOSECONDS };
  }
  const found = view.getUint32(0, false);
  if (found === PCAPNG)
    throw new PcapError(
      0,
      'this is a pcapng file: expected a classic pcap (convert it with `editcap -F pcap in.pcapng out.pcap`)',
    );
  throw new PcapError(
    0,
    `magic ${hex(found)}: expected ${hex(MICROSECONDS)} (µs) or ${hex(NANOSECONDS)} (ns), in either byte order`,
  );
}

function readPacket(
  file: Uint8Array,
  view: DataView,
  at: number,
  number: number,
  little: boolean,
  nanoseconds: boolean,
): PcapPacket {
  const left = file.length - at;
  if (left < PACKET_HEADER)
    throw new PcapError(
      at,
      `the file is cut within the header of packet ${number + 1}: expected ${PACKET_HEADER} bytes, found ${left}`,
    );
  const captured = view.getUint32(at + 8, little);
  const wireLength = view.getUint32(at + 12, little);
  if (captured > MAX_PACKET)
    throw new PcapError(
      at + 8,
      `packet ${number + 1} claims ${captured} bytes: expected at most ${MAX_PACKET}; the file is damaged`,
    );
  const from = at + PACKET_HEADER;
  if (captured > file.length - from)
    throw new PcapError(
      from,
      `the file is cut within packet ${number + 1}: expected ${captured} bytes, found ${file.length - from}`,
    );
  const fraction = BigInt(view.getUint32(at + 4, little)) * (nanoseconds ? 1n : 1000n);
  const timeNs = BigInt(view.getUint32(at, little)) * 1_000_000_000n + fraction;
  return { timeNs, bytes: file.slice(from, from + captured), wireLength };
}

/**
 * A little-endian Ethernet capture of the packets, in their order.
 * @param packets times in ns since the epoch
 * @param nanoseconds count ns, which old readers do not know; otherwise times are cut to µs
 */
export function writePcap(
  packets: readonly { readonly timeNs: bigint; readonly bytes: Uint8Array }[],
  nanoseconds = true,
): Uint8Array {
  const size = packets.reduce((sum, packet) => sum + PACKET_HEADER + packet.bytes.length, FILE_HEADER);
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  view.setUint32(0, nanoseconds ? NANOSECONDS : MICROSECONDS, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, MAX_PACKET, true);
  view.setUint32(20, LINKTYPE_ETHERNET, true);
  let at = FILE_HEADER;
  for (const { timeNs, bytes } of packets) {
    const fraction = timeNs % 1_000_000_000n;
    view.setUint32(at, Number(timeNs / 1_000_000_000n), true);
    view.setUint32(at + 4, Number(nanoseconds ? fraction : fraction / 1000n), true);
    view.setUint32(at + 8, bytes.length, true);
    view.setUint32(at + 12, bytes.length, true);
    file.set(bytes, at + PACKET_HEADER);
    at += PACKET_HEADER + bytes.length;
  }
  return file;
}
