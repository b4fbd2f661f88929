// The pending skbs of a stop as bytes, on their way to the page: a posted receive ring has one a buffer, and a page looks at a few.
import type { SkbPlace } from '../machine';
import { keep } from './made-of-bytes';
import type { PanelSkb } from './protocol';

const EVERY: Readonly<Record<SkbPlace, true>> = {
  built: true,
  qdisc: true,
  parked: true,
  added: true,
  available: true,
  host: true,
  used: true,
  reclaimed: true,
  orphaned: true,
  posted: true,
  merging: true,
  delivered: true,
  leaked: true,
};
/** All places, in the order of their byte codes. */
export const SKB_PLACES = Object.keys(EVERY) as readonly SkbPlace[];

/** numbers of an skb: id, address, length, head or -1, bornNs, sinceNs */
const NUMBERS = 6;
/** bytes of an skb: its place, and the bits below */
const CODES = 2;
const RX = 1;
const ORPHANED = 2;
const CHARGED = 4;
/** texts of an skb: queue, summary, and the words of `where` around its numbers */
const TEXTS = 3;
/** stands for a number in the words of `where` */
const HOLE = '\0';
/** a number that is written as it was read */
const NUMBER = /\b(?:0|[1-9]\d{0,14})\b/g;

interface SkbsBytes {
  readonly numbers: Float64Array;
  readonly codes: Uint8Array;
  /** by their place in `words` */
  readonly texts: Uint32Array;
  readonly words: readonly string[];
  /** numbers of all `where`s, and where those of each end */
  readonly holes: Float64Array;
  readonly holesEnd: Uint32Array;
  /** of each stay of all histories its place and its sinceNs, and where those of each end */
  readonly stays: Uint8Array;
  readonly stayNs: Float64Array;
  readonly staysEnd: Uint32Array;
}

export function skbBytes(skbs: readonly PanelSkb[]): SkbsBytes {
  const count = skbs.length;
  const numbers = new Float64Array(NUMBERS * count);
  const codes = new Uint8Array(CODES * count);
  const texts = new Uint32Array(TEXTS * count);
  const words = new Map<string, number>();
  const wordAt = (word: string): number => {
    const at = words.get(word) ?? words.size;
    words.set(word, at);
    return at;
  };
  const holes: number[] = [];
  const holesEnd = new Uint32Array(count);
  const stays: number[] = [];
  const stayNs: number[] = [];
  const staysEnd = new Uint32Array(count);
  skbs.forEach((skb, i) => {
    const { id, address, length, head = -1, bornNs, sinceNs } = skb;
    numbers.set([id, address, length, head, bornNs, sinceNs], NUMBERS * i);
    codes[CODES * i] = SKB_PLACES.indexOf(skb.place);
    codes[CODES * i + 1] =
      (skb.direction === 'rx' ? RX : 0) | (skb.orphaned ? ORPHANED : 0) | (skb.charged ? CHARGED : 0);
    const where = skb.where.replace(NUMBER, (digits) => {
      holes.push(Number(digits));
      return HOLE;
    });
    texts.set([wordAt(skb.queue ?? ''), wordAt(skb.summary), wordAt(where)], TEXTS * i);
    holesEnd[i] = holes.length;
    for (const stay of skb.history) {
      stays.push(SKB_PLACES.indexOf(stay.place));
      stayNs.push(stay.sinceNs);
    }
    staysEnd[i] = stays.length;
  });
  return {
    numbers,
    codes,
    texts,
    words: [...words.keys()],
    holes: Float64Array.from(holes),
    holesEnd,
    stays: Uint8Array.from(stays),
    stayNs: Float64Array.from(stayNs),
    staysEnd,
  };
}

/** An skb, read where it is looked at. */
class SkbEntry implements PanelSkb {
  constructor(
    private readonly of: SkbsBytes,
    private readonly at: number,
  ) {}

  get id(): number {
    return this.number(0);
  }

  get address(): number {
    return this.number(1);
  }

  get length(): number {
    return this.number(2);
  }

  get head(): number | undefined {
    const head = this.number(3);
    return head < 0 ? undefined : head;
  }

  get bornNs(): number {
    return this.number(4);
  }

  get sinceNs(): number {
    return this.number(5);
  }

  get place(): SkbPlace {
    return SKB_PLACES[this.of.codes[CODES * this.at] ?? 0] ?? 'built';
  }

  get direction(): 'tx' | 'rx' {
    return this.has(RX) ? 'rx' : 'tx';
  }

  get orphaned(): boolean {
    return this.has(ORPHANED);
  }

  get charged(): boolean {
    return this.has(CHARGED);
  }

  get queue(): string | undefined {
    return this.text(0) || undefined;
  }

  get summary(): string {
    return this.text(1);
  }

  get where(): string {
    let hole = this.from(this.of.holesEnd);
    return this.text(2).replaceAll(HOLE, () => String(this.of.holes[hole++] ?? 0));
  }

  get history(): PanelSkb['history'] {
    const { stays, stayNs, staysEnd } = this.of;
    const history: { place: SkbPlace; sinceNs: number }[] = [];
    for (let i = this.from(staysEnd); i < (staysEnd[this.at] ?? 0); i++)
      history.push({ place: SKB_PLACES[stays[i] ?? 0] ?? 'built', sinceNs: stayNs[i] ?? 0 });
    return history;
  }

  private number(which: number): number {
    return this.of.numbers[NUMBERS * this.at + which] ?? 0;
  }

  private has(bit: number): boolean {
    return ((this.of.codes[CODES * this.at + 1] ?? 0) & bit) !== 0;
  }

  private text(which: number): string {
    return this.of.words[this.of.texts[TEXTS * this.at + which] ?? 0] ?? '';
  }

  /** Where the entries of this one begin: where those of the one before end. */
  private from(ends: Uint32Array): number {
    return this.at === 0 ? 0 : (ends[this.at - 1] ?? 0);
  }
}

/** Skbs as they arrived, as a list. What is not as `skbBytes` makes it is left for the guard to name. */
export function skbsOf(value: unknown): unknown {
  if (!isSkbsBytes(value)) return value;
  const list: SkbEntry[] = [];
  for (let at = 0; at < value.holesEnd.length; at++) list.push(new SkbEntry(value, at));
  return keep(list);
}

function isSkbsBytes(value: unknown): value is SkbsBytes {
  if (typeof value !== 'object' || value === null) return false;
  const { numbers, codes, texts, words, holes, holesEnd, stays, stayNs, staysEnd } = value as Partial<SkbsBytes>;
  if (!(numbers instanceof Float64Array && holes instanceof Float64Array && stayNs instanceof Float64Array))
    return false;
  if (!(texts instanceof Uint32Array && holesEnd instanceof Uint32Array && staysEnd instanceof Uint32Array))
    return false;
  if (!(codes instanceof Uint8Array && stays instanceof Uint8Array && Array.isArray(words))) return false;
  const count = holesEnd.length;
  return (
    numbers.length === NUMBERS * count &&
    codes.length === CODES * count &&
    texts.length === TEXTS * count &&
    staysEnd.length === count &&
    stays.length === stayNs.length &&
    numbers.every(Number.isFinite) &&
    stayNs.every(Number.isFinite) &&
    words.every((word) => typeof word === 'string') &&
    texts.every((at) => at < words.length) &&
    stays.every((place) => place < SKB_PLACES.length) &&
    codes.every((code, i) => i % CODES !== 0 || code < SKB_PLACES.length)
  );
}
