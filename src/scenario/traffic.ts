// Traffic of a scenario as the machine takes it: generated items as they are, captures read and split by direction.
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { PcapError, readPcap, writePcap, type PcapPacket } from '../device';
import type { MachineTraffic, SentFrame } from '../machine';
import { reason, type DocumentProblems } from './document';
import type { LoadedScenario } from './load';
import type { Traffic } from './types';

/** bytes */
const MAX_CAPTURE = 256 << 20;
const ETHERNET = 14;

type Frames = Extract<MachineTraffic, { readonly kind: 'frames' }>;

/** Resolves the traffic; what is wrong with a capture goes to `problems`, at its item. */
export function machineTraffic({ scenario, file }: LoadedScenario, problems: DocumentProblems): MachineTraffic[] {
  const mac = macBytes(scenario.device.mac);
  return scenario.traffic.flatMap((item, i): MachineTraffic[] => {
    if (item.kind !== 'pcap') return [item];
    try {
      return [{ kind: 'frames', frames: captured(item, readCapture(resolve(dirname(file), item.file)), mac) }];
    } catch (error) {
      const why = error instanceof PcapError ? error.message : reason(error);
      problems.add(['traffic', i, 'file'], `${item.file}: ${why}`);
      return [];
    }
  });
}

/** Frames that left, as a pcap file. Virtual time is told as time since the epoch. */
export function capture(frames: readonly SentFrame[]): Uint8Array {
  return writePcap(frames.map(({ timeNs, bytes }) => ({ timeNs: BigInt(timeNs), bytes })));
}

/** Six bytes of `52:54:00:12:34:56`. */
export function macBytes(mac: string): readonly number[] {
  return mac.split(':').map((byte) => Number.parseInt(byte, 16));
}

/**
 * Frames of a capture: those from the guest's address are sent, all others arrive, at the recorded times after the first one.
 * @throws RangeError for a frame that no card could send or deliver
 */
function captured(
  { atNs, backToBack }: Extract<Traffic, { readonly kind: 'pcap' }>,
  packets: readonly PcapPacket[],
  mac: readonly number[],
): Frames['frames'] {
  const firstNs = packets.reduce((least, p) => (p.timeNs < least ? p.timeNs : least), packets[0]?.timeNs ?? 0n);
  const frames = packets.map(({ timeNs, bytes, wireLength }, i) => {
    if (wireLength > bytes.length)
      throw new RangeError(
        `packet ${i + 1} was cut by the capture: ${bytes.length} of ${wireLength} bytes; capture whole packets (tcpdump -s 0)`,
      );
    if (bytes.length < ETHERNET)
      throw new RangeError(`packet ${i + 1} has ${bytes.length} bytes; an Ethernet frame has at least ${ETHERNET}`);
    const fromGuest = mac.every((byte, at) => bytes[6 + at] === byte);
    const direction: 'tx' | 'rx' = fromGuest ? 'tx' : 'rx';
    return { atNs: atNs + (backToBack ? 0 : Number(timeNs - firstNs)), direction, bytes };
  });
  // captures of several interfaces are not always in order
  return frames.sort((a, b) => a.atNs - b.atNs);
}

function readCapture(path: string): readonly PcapPacket[] {
  const stat = statSync(path);
  if (!stat.isFile()) throw new Error('it is no file');
  if (stat.size > MAX_CAPTURE) throw new Error(`it has ${stat.size} bytes; expected at most ${MAX_CAPTURE}`);
  return readPcap(readFileSync(path)).packets;
}
