// Structs that one line tells all about: a spinlock, an entry of a scatterlist.
import type { Formatter } from '../values';
import { hex } from '../variable';
import { field, memberVariable } from './fields';
import { stringAt } from '../format';

export const lockView: Formatter = {
  summary({ look, aggregate, address }) {
    const locked = field(look.memory, aggregate, address, 'locked');
    if (locked === undefined) return undefined;
    if (locked === 0) return '{unlocked}';
    const holder = field(look.memory, aggregate, address, 'func');
    const name = holder ? stringAt(look.memory, holder)?.replace(/^"|"$/g, '') : undefined;
    const line = field(look.memory, aggregate, address, 'line');
    return name === undefined ? '{locked}' : `{locked in ${name}()${line ? `, line ${line}` : ''}}`;
  },
  view: (subject) => ({
    named: () => ['locked', 'func', 'line', 'name'].flatMap((name) => memberVariable(subject, name)),
  }),
};

/** Bits 0 and 1 of page_link: the entry is a link to another list, or the last one. */
const SG_CHAIN = 1;
const SG_END = 2;

export const scatterlistView: Formatter = {
  summary({ look, aggregate, address }) {
    const [link, offset, length] = ['page_link', 'offset', 'length'].map((name) =>
      field(look.memory, aggregate, address, name),
    );
    if (link === undefined || offset === undefined || length === undefined) return undefined;
    const target = hex((link & ~3) >>> 0);
    if (link & SG_CHAIN) return `{goes on at ${target}}`;
    return `{${length} bytes at ${offset} of page ${target}${link & SG_END ? ', last' : ''}}`;
  },
  view: (subject) => ({
    named: () => ['page_link', 'offset', 'length'].flatMap((name) => memberVariable(subject, name)),
  }),
};
