// Both sides' indices unrolled on a line, exact at any size: who has to act on how many entries.
import { html, type TemplateResult } from 'lit';
import type { PanelQueue, SlotState } from '../../src/panel/protocol';
import { changedFields } from '../changed';
import { AUTHOR_CLASS, grouped, plural, STATES } from '../format';
import { type Hand, handsOf } from '../hands';
import { field } from './field';
import { vars } from './vars';
import type { View } from './view';

/** In the order in which they follow each other: nobody overtakes. */
const ORDER: readonly Hand['name'][] = ['last_used_idx', 'used.idx', 'last_avail_idx', 'avail.idx'];

/** percent of the line that a part with an entry in it has at least: its number has to be read */
const LEAST = 9;

interface Part {
  readonly state: SlotState;
  /** entries; more than the ring has when the indices cannot both be right */
  readonly count: number;
  readonly from: Hand;
  readonly to: Hand;
}

/** The entries from one index to the next. */
function partsOf(hands: readonly Hand[]): readonly Part[] {
  const known = ORDER.flatMap((name) => hands.find((hand) => hand.name === name) ?? []);
  return known.slice(1).map((to, i) => {
    const from = known[i] ?? to;
    const count = (to.value - from.value) & 0xffff;
    return { state: stateBetween(from, to), count, from, to };
  });
}

/** Where the device's own index is not known, what is exposed cannot be told apart into taken and available. */
function stateBetween(from: Hand, to: Hand): SlotState {
  if (from.name === 'last_used_idx') return 'used';
  if (from.name === 'last_avail_idx') return 'available';
  return to.name === 'last_avail_idx' ? 'taken' : 'unknown';
}

/** Percent each part has of the line. */
export function shares(counts: readonly number[]): readonly number[] {
  const sum = counts.reduce((a, b) => a + b, 0);
  if (sum === 0) return counts.map(() => 100 / counts.length);
  const raised = counts.map((n) => (n === 0 ? 0 : Math.max(LEAST, (100 * n) / sum)));
  const total = raised.reduce((a, b) => a + b, 0);
  return raised.map((share) => (100 * share) / total);
}

/** Where a label stands: percent, and the side of it on which the text is. */
interface Stand {
  readonly at: number;
  readonly side: 'before' | 'after';
}

/** Labels of the avail ring above the line, those of the used ring below; each row has one at its end, so the other gives way. */
function stand(name: Hand['name'], at: number, first: boolean): Stand {
  if (first) return { at: 0, side: 'after' };
  switch (name) {
    case 'avail.idx':
      return { at: 100, side: 'before' };
    case 'used.idx':
      return at < 60 ? { at: Math.max(at, 44), side: 'after' } : { at, side: 'before' };
    default:
      return at > 40 ? { at: Math.min(at, 72), side: 'before' } : { at, side: 'after' };
  }
}

function span({ state, count, from, to }: Part, size: number): TemplateResult {
  if (count > size) {
    return html`<span
      class="span bad"
      title="${from.name} ${from.value} and ${to.name} ${to.value} are further apart than the ring's ${size} entries"
      >⚠</span
    >`;
  }
  const { words } = STATES[state];
  return html`<span class="span own-${state} ${count === 0 ? 'nil' : ''}" title=${`${plural(count, 'buffer')} ${words}`}
    ><em>${count === 0 ? '' : `${grouped(count)} ${state}`}</em></span
  >`;
}

/** Both sides' indices in the order in which they follow each other, with the number of entries between them. */
export function progress(view: View, queue: PanelQueue): TemplateResult {
  const changed = changedFields(view.panel, queue.ring.name);
  const { size } = queue.ring.layout;
  const parts = partsOf(handsOf(queue, view.panel.physOffset));
  const widths = shares(parts.map(({ count }) => (count > size ? 1 : count)));
  const first = parts[0]?.from;
  const post = (hand: Hand, at: number): TemplateResult => {
    const place = stand(hand.name, at, hand === first);
    return html`<i
        class="tick ${hand.track} ${AUTHOR_CLASS[hand.author]} ${hand.private ? 'own-index' : ''}"
        ${vars({ '--at': `${at}%` })}
      ></i
      ><span
        class="post ${hand.track} ${place.side} ${hand.private ? 'own-index' : ''}"
        ${vars({ '--at': `${place.at}%` })}
        >${field(view, { ...hand, label: hand.name, changed: changed.get(hand.name) })}</span
      >`;
  };
  let at = 0;
  const drawn = parts.map((part, i) => {
    at += widths[i] ?? 0;
    return html`${span(part, size)}${post(part.to, Math.min(100, at))}`;
  });
  const columns = widths.map((width) => `${width.toFixed(2)}fr`).join(' ');
  return html`<section class="progress" aria-label="Progress of both sides">
    <div class="line" ${vars({ '--cols': columns })}>${first ? post(first, 0) : ''}${drawn}</div>
    ${ownValues(view, queue)}
  </section>`;
}

/** The driver's private counts, where its debug information names them; nothing is guessed. */
function ownValues(view: View, queue: PanelQueue): TemplateResult {
  const { numAdded, numFree, freeHead } = queue.ring.progress;
  const own = [
    { label: 'num_added', value: numAdded, place: queue.places.numAdded, title: 'driver: added, not exposed yet' },
    { label: 'num_free', value: numFree, place: queue.places.numFree, title: 'driver: free descriptors' },
    { label: 'free_head', value: freeHead, place: queue.places.freeHead, title: 'driver: first of its free list' },
  ].filter(({ value }) => value !== undefined);
  const { size } = queue.ring.layout;
  return html`<div class="own-line">
    ${
      own.length > 0
        ? own.map((spec) => field(view, { ...spec, author: 'driver', private: true }))
        : html`<span class="dim">The driver’s own indices are unknown: its debug information does not name them.</span>`
    }
    <span class="dim">${grouped(size)} entries${queue.legacy ? ', legacy' : ''}</span>
  </div>`;
}
