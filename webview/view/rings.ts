// The avail and used rings: every slot with its state, the slots that the indices name, flags and event fields.
import { html, nothing, type TemplateResult } from 'lit';
import type { PanelQueue } from '../../src/panel/protocol';
import type { Author } from '../../src/virtqueue';
import { changedFields } from '../changed';
import type { Highlight } from '../chain';
import { AUTHOR_CLASS, placeInRing, ringFlags } from '../format';
import { type Hand, handsOf } from '../hands';
import { slotActions } from '../slots';
import { field } from './field';
import { grid, type GridColumn } from './grid';
import { authorMark, stateMark } from './marks';
import { openMenu, type View } from './view';

/** The indices of a ring by the slot each names. */
function handsAt(view: View, queue: PanelQueue, track: Hand['track']): ReadonlyMap<number, readonly Hand[]> {
  const bySlot = new Map<number, Hand[]>();
  for (const hand of handsOf(queue, view.panel.physOffset)) {
    if (hand.track !== track) continue;
    const slot = hand.value % queue.ring.layout.size;
    bySlot.set(slot, [...(bySlot.get(slot) ?? []), hand]);
  }
  return bySlot;
}

/** One index is named beside its slot; where several meet, their marks stand alone and the names are in the tooltip. */
const handMarks = (hands: readonly Hand[] = []): TemplateResult =>
  html`${hands.map(
    (hand) =>
      html`<span class="hand ${hand.private ? 'private' : ''}" title=${`${hand.name} = ${hand.value}: ${hand.title}`}
        >${authorMark(hand.author)}${
          hands.length === 1 ? html`<i>${hand.short}</i>` : html`<i class="sr">${hand.name}</i>`
        }</span
      >`,
  )}`;

const AVAIL_COLUMNS: readonly GridColumn[] = [
  { label: 'slot', right: true },
  { label: 'head', right: true },
  { label: '', title: 'state' },
  { label: 'index', title: 'the indices that name this slot' },
];
const USED_COLUMNS: readonly GridColumn[] = [
  { label: 'slot', right: true },
  { label: 'id', right: true },
  { label: 'len', right: true },
  { label: '', title: 'state' },
  { label: 'index', title: 'the indices that name this slot' },
];

export const rings = (view: View, queue: PanelQueue, lit: Highlight): TemplateResult =>
  html`<div class="rings">${availTable(view, queue, lit)}${usedTable(view, queue, lit)}</div>`;

function mark(author: Author | undefined, value: string | number): TemplateResult | string | number {
  return author ? html`<u class="chg ${AUTHOR_CLASS[author]}">${value}</u>` : value;
}

function availTable(view: View, queue: PanelQueue, lit: Highlight): TemplateResult {
  const { panel, act, ui } = view;
  const { name, layout, avail } = queue.ring;
  const changed = changedFields(panel, name);
  const hands = handsAt(view, queue, 'avail');
  const place = (offset: number, size: number): ReturnType<typeof placeInRing> =>
    placeInRing(layout.avail, offset, size, panel.physOffset);
  const selection = (slot: number): { queue: string; head: number } => ({ queue: name, head: avail.ring[slot] ?? 0 });
  return html`<section class="avail" aria-label="Available ring">
    <h2>avail <span>driver writes</span></h2>
    <div class="fields">
      ${field(view, {
        name: 'avail.flags',
        label: 'flags',
        value: ringFlags(avail.flags, 'NO_INTERRUPT'),
        place: place(0, 2),
        changed: changed.get('avail.flags'),
        title: 'NO_INTERRUPT: the driver asks for no interrupts; a hint (spec 2.7.7)',
      })}
      ${field(view, { name: 'avail.idx', label: 'idx', value: avail.idx, place: place(2, 2), changed: changed.get('avail.idx') })}
      ${
        avail.usedEvent === undefined
          ? nothing
          : field(view, {
              name: 'avail.used_event',
              label: 'used_event',
              value: avail.usedEvent,
              place: place(4 + 2 * layout.size, 2),
              changed: changed.get('avail.used_event'),
              title: 'the driver wants an interrupt when used.idx passes this entry (spec 2.7.7)',
            })
      }
    </div>
    ${grid(view, {
      id: 'avail',
      label: `Available ring of ${name}`,
      columns: AVAIL_COLUMNS,
      count: avail.ring.length,
      none: 'The ring has no slots.',
      row: (slot) => ({
        cells: [
          slot,
          mark(changed.get(`avail.ring[${slot}]`), avail.ring[slot] ?? ''),
          stateMark(queue.availSlots[slot] ?? 'stale'),
          handMarks(hands.get(slot)),
        ],
        classes: `${queue.availSlots[slot] === 'stale' ? 'stale' : ''} ${lit.availSlots.has(slot) ? 'lit' : ''}`,
        selected: ui.selected?.queue === name && lit.availSlots.has(slot) && ui.selected.head === lit.head,
      }),
      choose: (slot) => act({ do: 'select', selection: selection(slot) }),
      hover: (slot) =>
        act({
          do: 'hover',
          selection: slot === undefined || queue.availSlots[slot] === 'stale' ? undefined : selection(slot),
        }),
      fields: (slot) => slotActions(panel, queue, { track: 'avail', slot }),
      menu: (slot, event) =>
        openMenu(view, event, `avail.ring[${slot}]`, slotActions(panel, queue, { track: 'avail', slot })),
    })}
  </section>`;
}

function usedTable(view: View, queue: PanelQueue, lit: Highlight): TemplateResult {
  const { panel, act, ui } = view;
  const { name, layout, used } = queue.ring;
  const changed = changedFields(panel, name);
  const hands = handsAt(view, queue, 'used');
  const place = (offset: number, size: number): ReturnType<typeof placeInRing> =>
    placeInRing(layout.used, offset, size, panel.physOffset);
  const selection = (slot: number): { queue: string; head: number } => ({
    queue: name,
    head: used.ring[slot]?.id ?? 0,
  });
  return html`<section class="used" aria-label="Used ring">
    <h2>used <span>device writes</span></h2>
    <div class="fields">
      ${field(view, {
        name: 'used.flags',
        label: 'flags',
        value: ringFlags(used.flags, 'NO_NOTIFY'),
        place: place(0, 2),
        changed: changed.get('used.flags'),
        title: 'NO_NOTIFY: the device asks for no kicks; a hint (spec 2.7.10)',
      })}
      ${field(view, { name: 'used.idx', label: 'idx', value: used.idx, place: place(2, 2), changed: changed.get('used.idx') })}
      ${
        used.availEvent === undefined
          ? nothing
          : field(view, {
              name: 'used.avail_event',
              label: 'avail_event',
              value: used.availEvent,
              place: place(4 + 8 * layout.size, 2),
              changed: changed.get('used.avail_event'),
              title: 'the device wants a kick when avail.idx passes this entry (spec 2.7.10)',
            })
      }
    </div>
    ${grid(view, {
      id: 'used',
      label: `Used ring of ${name}`,
      columns: USED_COLUMNS,
      count: used.ring.length,
      none: 'The ring has no slots.',
      row: (slot) => ({
        cells: [
          slot,
          mark(changed.get(`used.ring[${slot}].id`), used.ring[slot]?.id ?? ''),
          mark(changed.get(`used.ring[${slot}].len`), used.ring[slot]?.len ?? ''),
          stateMark(queue.usedSlots[slot] ?? 'stale'),
          handMarks(hands.get(slot)),
        ],
        classes: `${queue.usedSlots[slot] === 'stale' ? 'stale' : ''} ${lit.usedSlots.has(slot) ? 'lit' : ''}`,
        selected: ui.selected?.queue === name && lit.usedSlots.has(slot) && ui.selected.head === lit.head,
      }),
      choose: (slot) => act({ do: 'select', selection: selection(slot) }),
      hover: (slot) =>
        act({
          do: 'hover',
          selection: slot === undefined || queue.usedSlots[slot] === 'stale' ? undefined : selection(slot),
        }),
      fields: (slot) => slotActions(panel, queue, { track: 'used', slot }),
      menu: (slot, event) =>
        openMenu(view, event, `used.ring[${slot}]`, slotActions(panel, queue, { track: 'used', slot })),
    })}
  </section>`;
}
