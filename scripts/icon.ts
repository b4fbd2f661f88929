// Draws media/icon.png: a ring of sixteen descriptors, some the driver's (blue), some the device's (orange), the rest free.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { root } from './lib/project.mjs';

const SIZE = 128;
/** samples a pixel, each way: smooth edges */
const SAMPLES = 4;
const SLOTS = 16;
const GAP = 0.05;

type Colour = readonly [number, number, number];
const GROUND: Colour = [24, 28, 36];
const FREE: Colour = [74, 82, 96];
const DRIVER: Colour = [75, 156, 255];
const DEVICE: Colour = [255, 150, 60];

/** Colour of the slot that a point of the ring is in: five with the driver, then three with the device. */
const slotColour = (slot: number): Colour => (slot < 5 ? DRIVER : slot < 8 ? DEVICE : FREE);

/** Colour and opacity of a point, coordinates from -1 to 1. */
function colourAt(x: number, y: number): { colour: Colour; alpha: number } {
  const corner = 0.3;
  const dx = Math.max(Math.abs(x) - (1 - corner), 0);
  const dy = Math.max(Math.abs(y) - (1 - corner), 0);
  if (Math.hypot(dx, dy) > corner) return { colour: GROUND, alpha: 0 };
  const radius = Math.hypot(x, y);
  const turn = (Math.atan2(x, -y) / (2 * Math.PI) + 1) % 1;
  const within = (turn * SLOTS) % 1;
  const inRing = radius > 0.46 && radius < 0.8;
  const inSlot = within > GAP / radius && within < 1 - GAP / radius;
  return { colour: inRing && inSlot ? slotColour(Math.floor(turn * SLOTS)) : GROUND, alpha: 1 };
}

/** One pixel as four bytes, averaged over its samples. */
function pixel(column: number, row: number): number[] {
  let [r, g, b, alpha] = [0, 0, 0, 0];
  for (let i = 0; i < SAMPLES * SAMPLES; i++) {
    const x = (column + ((i % SAMPLES) + 0.5) / SAMPLES) / (SIZE / 2) - 1;
    const y = (row + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES) / (SIZE / 2) - 1;
    const point = colourAt(x, y);
    r += point.colour[0] * point.alpha;
    g += point.colour[1] * point.alpha;
    b += point.colour[2] * point.alpha;
    alpha += point.alpha;
  }
  const n = Math.max(alpha, 1);
  return [r / n, g / n, b / n, (255 * alpha) / (SAMPLES * SAMPLES)].map(Math.round);
}

/** A PNG chunk: length, type, data, CRC (PNG specification, 5.3). */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, crc]);
}

const header = Buffer.alloc(13);
header.writeUInt32BE(SIZE, 0);
header.writeUInt32BE(SIZE, 4);
header.set([8, 6, 0, 0, 0], 8); // 8 bits, RGBA
const rows = Array.from({ length: SIZE }, (_, row) => [
  0, // no filter
  ...Array.from({ length: SIZE }, (_, column) => pixel(column, row)).flat(),
]);
writeFileSync(
  join(root, 'media/icon.png'),
  Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]),
);
