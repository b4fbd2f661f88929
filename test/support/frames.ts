// One generated frame, for tests that need no more.
import { NumberedFrames } from '../../src/device';

export const makeFrame = (
  size: number,
  sequence: number,
  ...to: [direction: 'tx' | 'rx', guestMac: readonly number[]]
): Uint8Array => new NumberedFrames(size, ...to).make(sequence);
