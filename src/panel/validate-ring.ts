// The guard of a ring in the panel's messages. A ring of 32768 entries comes at every stop: what is right is seen at a glance.
import {
  count,
  expected,
  flag,
  hex,
  list,
  longList,
  object,
  oneOf,
  optional,
  text,
  within,
  type Check,
} from '../messages';
import { OWNERS } from '../virtqueue';
import { madeOfBytes } from './made-of-bytes';

const owner = oneOf(...OWNERS);
const u16 = within(0, 0xffff);

const descriptorFields = { index: count, addr: hex, len: count, flags: u16, next: u16, owner, chain: optional(count) };
const entryOfTable = object(descriptorFields);
const descriptor = object({ ...descriptorFields, indirect: optional(list(entryOfTable)) });

type Unknown<K extends string> = { readonly [name in K]?: unknown };

const OWNER_SET: ReadonlySet<unknown> = new Set(OWNERS);
const SLOT_SET: ReadonlySet<unknown> = new Set([...OWNERS, 'stale']);
const isCount = (v: unknown): boolean => Number.isSafeInteger(v) && (v as number) >= 0;
const isU16 = (v: unknown): boolean => Number.isSafeInteger(v) && (v as number) >= 0 && (v as number) <= 0xffff;

/** `hex` by its characters: a regular expression costs ten times as much. */
function isHex(v: unknown): boolean {
  if (typeof v !== 'string' || v.length < 3 || v.charCodeAt(0) !== 0x30 || v.charCodeAt(1) !== 0x78) return false;
  for (let i = 2; i < v.length; i++) {
    const c = v.charCodeAt(i);
    if (!((c >= 0x30 && c <= 0x39) || (c >= 0x61 && c <= 0x66))) return false;
  }
  return true;
}

/** One without an indirect table. Names are written out: only so does the engine find a field without a search. */
const isDirect = (d: Unknown<'index' | 'addr' | 'len' | 'flags' | 'next' | 'owner' | 'chain' | 'indirect'>): boolean =>
  isCount(d.index) &&
  isHex(d.addr) &&
  isCount(d.len) &&
  isU16(d.flags) &&
  isU16(d.next) &&
  OWNER_SET.has(d.owner) &&
  (d.chain === undefined || isCount(d.chain)) &&
  d.indirect === undefined;

const usedEntry = object({ id: count, len: count });
const isUsedEntry = (e: Unknown<'id' | 'len'>): boolean => isCount(e.id) && isCount(e.len);
const chain = object({ head: count, descriptors: list(count), error: optional(text) });
const isChain = (c: Unknown<'head' | 'descriptors' | 'error'>): boolean =>
  isCount(c.head) && c.error === undefined && Array.isArray(c.descriptors) && c.descriptors.every(isCount);
const slot = oneOf(...OWNERS, 'stale');

/** A long list: as it crosses, in bytes, or as objects. */
const ofMany =
  <T>(plain: (entry: T) => boolean, entry: Check): Check =>
  (v) =>
    madeOfBytes(v) ? undefined : longList(plain, entry)(v);

export const slots: Check = ofMany<unknown>((v) => SLOT_SET.has(v), slot);

export const ring: Check = object({
  version: (v) => (v === 1 ? undefined : expected('1', v)),
  name: text,
  index: count,
  layout: object({
    format: oneOf('split'),
    size: count,
    desc: hex,
    avail: hex,
    used: hex,
    eventIdx: flag,
    inOrder: optional(flag),
    kickCount: optional(flag),
    indirect: flag,
  }),
  descriptors: ofMany(isDirect, descriptor),
  avail: object({ flags: u16, idx: u16, ring: ofMany(isU16, u16), usedEvent: optional(u16) }),
  used: object({ flags: u16, idx: u16, ring: ofMany(isUsedEntry, usedEntry), availEvent: optional(u16) }),
  progress: object({
    lastAvailIdx: optional(u16),
    kickedIdx: optional(u16),
    kickSent: optional(flag),
    lastUsedIdx: optional(u16),
    numAdded: optional(count),
    numFree: optional(count),
    freeHead: optional(count),
  }),
  outstanding: ofMany(isChain, chain),
  problems: list(text),
});
