// Pending skbs: what each holds, where it is and for how long. Choosing one shows its descriptors.
import { html, nothing, type TemplateResult } from 'lit';
import type { PanelSkb } from '../../src/panel/protocol';
import type { Highlight } from '../chain';
import { duration, grouped, plural } from '../format';
import { grid, type GridRow } from './grid';
import type { View } from './view';

const COLUMNS = [
  { label: 'id', right: true },
  { label: 'len', title: 'bytes', right: true },
  { label: '', title: 'direction' },
  { label: 'summary' },
  { label: '', title: 'state' },
  { label: 'where' },
  { label: 'here for', right: true },
  { label: 'age', right: true },
];

/** Letter, and the owner whose fill it wears: an skb in a chain looks as its chain does. */
const PLACES: Readonly<Record<PanelSkb['place'], readonly [string, string]>> = {
  built: ['N', 'stack'],
  qdisc: ['Q', 'stack'],
  parked: ['P', 'stack'],
  added: ['+', 'added'],
  available: ['A', 'available'],
  host: ['T', 'taken'],
  used: ['U', 'used'],
  reclaimed: ['R', 'reclaimed'],
  orphaned: ['O', 'stack'],
  posted: ['A', 'available'],
  merging: ['M', 'building'],
  delivered: ['D', 'stack'],
  leaked: ['L', 'leaked'],
};

export function skbs(view: View, lit: Highlight): TemplateResult {
  const { panel, ui, act } = view;
  const posted = panel.skbs.filter((skb) => skb.place === 'posted').length;
  const list = ui.showPosted ? panel.skbs : panel.skbs.filter((skb) => skb.place !== 'posted');
  const selection = (at: number): { queue?: string; head?: number; skb?: number } => {
    const skb = list[at];
    return { queue: skb?.queue, head: skb?.head, skb: skb?.id };
  };
  const row = (at: number): GridRow => {
    const skb = list[at];
    if (!skb) return { cells: [] };
    const [letter, fill] = PLACES[skb.place];
    const notes = [skb.orphaned && 'orphaned', skb.charged && 'charged to its socket'].filter(Boolean).join(', ');
    return {
      cells: [
        skb.id,
        skb.length,
        skb.direction,
        html`<span title=${skb.summary}>${skb.summary}</span>`,
        html`<span class="own own-${fill}" title=${skb.place} role="img" aria-label=${skb.place}>${letter}</span>`,
        html`<span title=${notes ? `${skb.where}; ${notes}` : skb.where}>${skb.where}</span>`,
        duration(panel.timeNs - skb.sinceNs),
        duration(panel.timeNs - skb.bornNs),
      ],
      classes: `${lit.skbs.has(skb.id) ? 'lit' : ''} ${skb.place === 'leaked' ? 'bad' : ''}`,
      selected:
        ui.selected?.skb === skb.id ||
        (ui.selected?.skb === undefined && lit.skbs.has(skb.id) && isSelected(view, skb)),
      key: `skb ${skb.id}`,
    };
  };
  return html`<section class="skbs" aria-label="Pending skbs">
    <h2>
      Pending skbs
      <span
        >${plural(list.length, 'skb')}${posted > 0 && !ui.showPosted ? `, and ${grouped(posted)} empty buffers` : ''}</span
      >
      ${
        posted > 0
          ? html`<vscode-checkbox
              class="end"
              ?checked=${ui.showPosted}
              @change=${(event: Event) => {
                const on = (event.currentTarget as HTMLInputElement).checked;
                if (on !== ui.showPosted) act({ do: 'showPosted', on });
              }}
              >Show empty buffers</vscode-checkbox
            >`
          : nothing
      }
    </h2>
    ${grid(view, {
      id: 'skbs',
      label: 'Pending skbs',
      columns: COLUMNS,
      count: list.length,
      none: 'No skb is pending: everything sent has been freed, everything received delivered.',
      row,
      choose: (at) => act({ do: 'select', selection: selection(at) }),
      hover: (at) => act({ do: 'hover', selection: at === undefined ? undefined : selection(at) }),
    })}
  </section>`;
}

const isSelected = ({ ui }: View, skb: PanelSkb): boolean =>
  ui.selected?.head !== undefined && ui.selected.queue === skb.queue && ui.selected.head === skb.head;
