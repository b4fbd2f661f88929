// What the specification says of the word under the pointer, in C. Pure.
import { SPEC_FIELDS, SPEC_NAMES, type SpecEntry } from './spec-table';

export interface SpecHit extends SpecEntry {
  /** `avail.idx`, or the name itself */
  readonly title: string;
  /** columns from 0; `end` is behind the last character */
  readonly start: number;
  readonly end: number;
}

type Struct = keyof typeof SPEC_FIELDS;

/** What stands before a member, innermost first: `vq->vring.used->ring[i].` is of a used entry. */
const OBJECTS: readonly (readonly [RegExp, Struct])[] = [
  [/used->ring\[[^\]]*\]\.$/, 'usedElem'],
  [/\bavail->$/, 'avail'],
  [/\bused->$/, 'used'],
  [/\bdesc(\[[^\]]*\]\.|->)$/, 'desc'],
  [/\b\w*hdr(\.|->)(hdr\.)?$/, 'hdr'],
];

const TITLES: Readonly<Record<Struct, string>> = {
  desc: 'desc',
  avail: 'avail',
  used: 'used',
  usedElem: 'used.ring[]',
  hdr: 'virtio_net_hdr',
};

/**
 * @param line of C
 * @param column from 0
 */
export function specAt(line: string, column: number): SpecHit | undefined {
  for (const { 0: word, index } of line.matchAll(/[A-Za-z_]\w*/g)) {
    const end = index + word.length;
    if (column < index || column > end) continue;
    const place = { start: index, end };
    const named = Object.hasOwn(SPEC_NAMES, word) ? SPEC_NAMES[word] : undefined;
    if (named !== undefined) return { ...named, ...place, title: word };
    const before = line.slice(0, index).replace(/\s+/g, '');
    const struct = OBJECTS.find(([object]) => object.test(before))?.[1];
    const fields = struct === undefined ? {} : SPEC_FIELDS[struct];
    const field = Object.hasOwn(fields, word) ? fields[word] : undefined;
    if (struct === undefined || field === undefined) return undefined;
    return { ...field, ...place, title: `${TITLES[struct]}.${word}` };
  }
  return undefined;
}
