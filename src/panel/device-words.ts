// Names of the device's status, feature and interrupt bits, as the virtio spec and Linux's headers have them.
import { FEATURE_BITS } from '../device';

/** Device status bits (spec 2.1), lowest first. */
const STATUS: readonly (readonly [number, string])[] = [
  [1, 'ACKNOWLEDGE'],
  [2, 'DRIVER'],
  [4, 'DRIVER_OK'],
  [8, 'FEATURES_OK'],
  [64, 'DEVICE_NEEDS_RESET'],
  [128, 'FAILED'],
];

const FEATURES: ReadonlyMap<number, string> = new Map(
  Object.entries(FEATURE_BITS).map(([name, bit]) => [bit, name] as const),
);

/** Status register as names, unknown bits as `bit N`; `[]` after a reset. */
export function statusNames(status: number): string[] {
  const names = STATUS.filter(([bit]) => status & bit).map(([, name]) => name);
  const known = STATUS.reduce((sum, [bit]) => sum | bit, 0);
  for (let bit = 0; bit < 8; bit++) if (status & ~known & (1 << bit)) names.push(`bit ${bit}`);
  return names;
}

/** Negotiated features (hex or decimal text) as bit numbers, lowest first; a text that is no number has none. */
export function featureBits(features: string): number[] {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(features)) return [];
  const bits: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(features));
  for (let bit = 0; rest !== 0n; bit++, rest >>= 1n) if (rest & 1n) bits.push(bit);
  return bits;
}

/** Negotiated features as names, unknown bits as `bit N`. */
export const featureNames = (features: string): string[] =>
  featureBits(features).map((bit) => FEATURES.get(bit) ?? `bit ${bit}`);
