// The descriptor table: owner, address, length, flags, next and chain of each, with indirect tables folded out in place.
import { html, nothing, type TemplateResult } from 'lit';
import type { PanelQueue } from '../../src/panel/protocol';
import { changedFields } from '../changed';
import { headOf, type Highlight } from '../chain';
import { AUTHOR_CLASS, descriptorFlags, grouped, OWNER_NAMES } from '../format';
import { type DescriptorRow, descriptorRows, rowOfDescriptor } from '../rows';
import { slotActions } from '../slots';
import { FILTERS, type MenuItem, type OwnerFilter } from '../state';
import { grid, type GridRow } from './grid';
import { ownerCounts } from './header';
import { stateMark } from './marks';
import { ownerMap } from './owner-map';
import { openMenu, type View } from './view';

const COLUMNS = [
  { label: '#', right: true },
  { label: '', title: 'owner' },
  { label: 'addr', title: 'guest-physical address of the buffer', right: true },
  { label: 'len', right: true },
  { label: 'flags' },
  { label: 'next', title: 'next descriptor of the chain, or of the free list', right: true },
  { label: 'head', title: 'head of the chain it is in', right: true },
];

type Cell = TemplateResult | string | number;

export function descriptorTable(view: View, queue: PanelQueue, lit: Highlight): TemplateResult {
  const { ui, act, panel } = view;
  const { name, descriptors } = queue.ring;
  const unfolded = ui.unfolded[name] ?? [];
  const rows = descriptorRows(queue, ui.filter, unfolded);
  const changed = changedFields(panel, name);

  const cell = (field: string, value: Cell): Cell => {
    const author = changed.get(field);
    return author ? html`<u class="chg ${AUTHOR_CLASS[author]}">${value}</u>` : value;
  };
  const row = (at: number): GridRow => {
    const { index, entry } = rows.at(at);
    const direct = descriptors[index];
    const d = entry === undefined ? direct : direct?.indirect?.[entry];
    if (!direct || !d) return { cells: [] };
    const path = entry === undefined ? `desc[${index}]` : '';
    const number =
      entry !== undefined
        ? html`<span class="entry">${index}.${entry}</span>`
        : direct.indirect
          ? html`${foldButton(view, index, unfolded.includes(index))}${index}`
          : index;
    return {
      cells: [
        number,
        stateMark(direct.owner),
        cell(`${path}.addr`, d.addr),
        cell(`${path}.len`, d.len),
        cell(`${path}.flags`, descriptorFlags(d.flags)),
        cell(
          `${path}.next`,
          d.flags & 1 || direct.owner === 'free' ? d.next : html`<span class="dim">${d.next}</span>`,
        ),
        entry === undefined ? (direct.chain ?? '') : '',
      ],
      classes: [
        direct.owner === 'free' ? 'stale' : '',
        lit.descriptors.has(index) ? 'lit' : '',
        entry === undefined ? '' : 'sub',
      ].join(' '),
      selected: ui.selected?.queue === name && lit.descriptors.has(index) && ui.selected.head === lit.head,
    };
  };
  const selectionAt = (at: number): { queue: string; head: number } => {
    const { index } = rows.at(at);
    return { queue: name, head: headOf(queue, index) ?? index };
  };
  const fields = (at: number): readonly MenuItem[] => {
    const { index, entry }: DescriptorRow = rows.at(at);
    return entry === undefined ? slotActions(panel, queue, { track: 'desc', slot: index }) : [];
  };
  const menu = (at: number, event: Event): void => openMenu(view, event, `desc[${rows.at(at).index}]`, fields(at));
  const key = (at: number, event: KeyboardEvent): boolean => {
    const { index } = rows.at(at);
    const open = view.latest().unfolded[name]?.includes(index) ?? false;
    if (descriptors[index]?.indirect && event.key === (open ? 'ArrowLeft' : 'ArrowRight')) {
      act({ do: 'fold', descriptor: index });
      return true;
    }
    return false;
  };

  return html`<section class="desc" aria-label="Descriptors">
    <h2>Descriptors <span>${name} desc, ${filterWords(queue, ui.filter, rows.count)}</span></h2>
    ${tools(view, queue)}
    <div class="mapped">
      ${grid(view, {
        id: 'desc',
        label: `Descriptor table of ${name}`,
        columns: COLUMNS,
        count: rows.count,
        row,
        none: 'No descriptor has this owner.',
        choose: (at) => act({ do: 'select', selection: selectionAt(at) }),
        menu,
        fields,
        hover: (at) => act({ do: 'hover', selection: at === undefined ? undefined : selectionAt(at) }),
        key,
      })}
      ${ownerMap(view, queue, rows)}
    </div>
  </section>`;
}

function filterWords(queue: PanelQueue, filter: OwnerFilter, count: number): string {
  const all = queue.ring.descriptors.length;
  return filter === 'all' ? `${grouped(all)} entries` : `${grouped(count)} of ${grouped(all)} entries`;
}

function foldButton(view: View, index: number, open: boolean): TemplateResult {
  const fold = (event: Event): void => {
    event.stopPropagation();
    view.act({ do: 'fold', descriptor: index });
  };
  const label = `${open ? 'Fold' : 'Unfold'} the indirect table of descriptor ${index}`;
  return html`<button
    class="fold"
    tabindex="-1"
    aria-expanded=${open ? 'true' : 'false'}
    aria-label=${label}
    @click=${fold}
  >
    ${open ? '▾' : '▸'}
  </button>`;
}

/** Owner filter, and the ways to a row. */
function tools(view: View, queue: PanelQueue): TemplateResult {
  const { ui, act } = view;
  const { avail, used, layout } = queue.ring;
  const counts = ownerCounts(queue);
  const goTo = (index: number): void => {
    const row = rowOfDescriptor(descriptorRows(queue, ui.filter, ui.unfolded[queue.ring.name] ?? []), index);
    if (row === undefined) act({ do: 'filter', filter: 'all' });
    act({ do: 'active', grid: 'desc', row: row ?? index });
    act({ do: 'select', selection: { queue: queue.ring.name, head: headOf(queue, index) ?? index } });
  };
  const choices = FILTERS.filter((f) => f === 'all' || f === 'busy' || f === ui.filter || counts[f] > 0);
  const typed = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return;
    const value = Number.parseInt((event.currentTarget as HTMLInputElement).value, 10);
    if (value >= 0 && value < layout.size) goTo(value);
  };
  // avail.idx and used.idx name the next slot: the newest entry is the one before
  const newest = (idx: number): number => ((idx - 1) & 0xffff) % layout.size;
  const newestAvail = avail.ring[newest(avail.idx)];
  const newestUsed = used.ring[newest(used.idx)]?.id;
  const jump = (
    label: string,
    title: string,
    index: number | undefined,
    slot: { readonly grid: 'avail' | 'used'; readonly row: number },
  ): TemplateResult | typeof nothing =>
    index === undefined || index >= layout.size
      ? nothing
      : html`<vscode-button
          appearance="secondary"
          title=${title}
          @click=${() => {
            goTo(index);
            act({ do: 'active', ...slot });
          }}
          >${label}</vscode-button
        >`;
  return html`<div class="tools" role="toolbar" aria-label="Descriptor table">
    <vscode-dropdown
      aria-label="Show descriptors by owner"
      .value=${ui.filter}
      @change=${(event: Event) => {
        const value = (event.currentTarget as HTMLInputElement).value;
        const filter = FILTERS.find((f) => f === value);
        if (filter && filter !== ui.filter) act({ do: 'filter', filter });
      }}
    >
      ${choices.map(
        (f) =>
          html`<vscode-option value=${f} ?selected=${f === ui.filter}
            >${OWNER_NAMES[f]}${f === 'all' || f === 'busy' ? '' : ` (${grouped(counts[f])})`}</vscode-option
          >`,
      )}
    </vscode-dropdown>
    <vscode-text-field
      size="5"
      placeholder="desc #"
      aria-label="Go to descriptor number"
      @keydown=${typed}
    ></vscode-text-field>
    ${jump('avail.idx', 'Go to the head that was exposed last', newestAvail, { grid: 'avail', row: newest(avail.idx) })}
    ${jump('used.idx', 'Go to the head that was used last', newestUsed, { grid: 'used', row: newest(used.idx) })}
    <vscode-checkbox
      ?checked=${ui.follow}
      title="After each stop, scroll the tables to what changed"
      @change=${(event: Event) => {
        const on = (event.currentTarget as HTMLInputElement).checked;
        if (on !== ui.follow) act({ do: 'follow', on });
      }}
      >Follow</vscode-checkbox
    >
  </div>`;
}
