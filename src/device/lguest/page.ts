// lguest's page of device descriptors (linux/lguest_launcher.h): its layout for one device with its queues. Pure.
import { legacyLayout, partSizes, type SplitLayout } from '../../virtqueue';
import type { DeviceIdentity } from '../transport';

export const PAGE_SIZE = 4096;
/** LGUEST_VRING_ALIGN */
const ALIGN = 4096;
/** bytes of struct lguest_device_desc, and where its status is */
const DESC_SIZE = 5;
export const STATUS_AT = 4;
/** bytes of struct lguest_vqconfig */
const VQ_SIZE = 8;
/** features that fit: the interface of 2009 has 32 */
export const FEATURE_BYTES = 4;
/** The Launcher counts interrupt lines from 1; 0 is the timer's. */
const FIRST_LINE = 1;

/** Where everything is, in bytes from the beginning of the page; rings in pages from there. */
export interface PagePlan {
  readonly offered: number;
  readonly accepted: number;
  readonly config: number;
  readonly rings: readonly { readonly page: number; readonly pages: number; readonly size: number }[];
  /** the page itself and all rings */
  readonly pages: number;
}

export function planPage({ queues }: DeviceIdentity): PagePlan {
  const offered = DESC_SIZE + VQ_SIZE * queues.length;
  let page = 1;
  const rings = queues.map(({ sizeMax: size }) => {
    const ring = { page, pages: ringPages(size), size };
    page += ring.pages;
    return ring;
  });
  const accepted = offered + FEATURE_BYTES;
  return { offered, accepted, config: accepted + FEATURE_BYTES, rings, pages: page };
}

function ringPages(size: number): number {
  const layout = legacyLayout(size, 0n, ALIGN, 0n);
  return Math.ceil((Number(layout.used) + partSizes(layout).used) / PAGE_SIZE);
}

/** Guest-physical address of a queue's ring, the page being at `base`. */
export function ringAddress(plan: PagePlan, base: number, queue: number): number | undefined {
  const ring = plan.rings[queue];
  return ring === undefined ? undefined : base + PAGE_SIZE * ring.page;
}

export function ringLayout(plan: PagePlan, base: number, queue: number, features: bigint): SplitLayout | undefined {
  const at = ringAddress(plan, base, queue);
  const ring = plan.rings[queue];
  return at === undefined || ring === undefined ? undefined : legacyLayout(ring.size, BigInt(at), ALIGN, features);
}

export const lineOf = (queue: number): number => FIRST_LINE + queue;

/** The page as the Launcher makes it. */
export function pageBytes(identity: DeviceIdentity, plan: PagePlan, base: number): Uint8Array {
  const bytes = new Uint8Array(PAGE_SIZE);
  const view = new DataView(bytes.buffer);
  bytes.set([identity.deviceId, identity.queues.length, FEATURE_BYTES, identity.config.length, 0]);
  plan.rings.forEach((ring, queue) => {
    const at = DESC_SIZE + VQ_SIZE * queue;
    view.setUint16(at, ring.size, true);
    view.setUint16(at + 2, lineOf(queue), true);
    view.setUint32(at + 4, (base + PAGE_SIZE * ring.page) / PAGE_SIZE, true);
  });
  view.setUint32(plan.offered, Number(identity.features & 0xffffffffn), true);
  bytes.set(identity.config, plan.config);
  return bytes;
}
