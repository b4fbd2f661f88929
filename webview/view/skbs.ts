// Pending skbs: what each holds, where it is and for how long. Choosing one shows its descriptors.
import { html, nothing, svg, type TemplateResult } from 'lit';
import type { PanelSkb, SlotState } from '../../src/panel/protocol';
import type { Highlight } from '../chain';
import { skbRows } from '../skb-rows';
import { duration, grouped, plural } from '../format';
import { grid, type GridRow } from './grid';
import { HATCH } from './hatch';
import { derivedClass, type View } from './view';

const COLUMNS = [
  { label: 'id', right: true },
  { label: 'len', title: 'bytes', right: true },
  { label: '', title: 'direction' },
  { label: 'summary' },
  { label: '', title: 'state' },
  { label: 'where' },
  { label: 'lifetime', title: 'how long it was in each place, up to now' },
  { label: 'age', right: true },
];

/** Letter, and the owner whose fill it wears: an skb in a chain looks as its chain does. */
const PLACES: Readonly<Record<PanelSkb['place'], readonly [letter: string, fill: SlotState | 'stack' | 'leaked']>> = {
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
  const chosen = ui.selected?.skb;
  const rows = skbRows(list, chosen === undefined ? lit.skbs : new Set([...lit.skbs, chosen]), ui.allSkbs);
  const skbAt = (at: number): PanelSkb | undefined => {
    const found = rows[at];
    return found && 'skb' in found ? found.skb : undefined;
  };
  const selection = (at: number): { queue?: string; head?: number; skb?: number } => {
    const skb = skbAt(at);
    return { queue: skb?.queue, head: skb?.head, skb: skb?.id };
  };
  const longest = longestLife(list, panel.timeNs);
  const row = (at: number): GridRow => {
    const found = rows[at];
    if (found && 'hidden' in found) {
      const words = `${plural(found.hidden, 'skb')} between: Enter or a click shows them`;
      return { cells: ['', '', '', html`<span class="link">${words}</span>`], classes: 'skb-fold', key: 'fold' };
    }
    const skb = skbAt(at);
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
        lifetime(skb, panel.timeNs, longest),
        duration(panel.timeNs - skb.bornNs),
      ],
      classes: `${lit.skbs.has(skb.id) ? 'lit' : ''} ${skb.place === 'leaked' ? 'bad' : ''} ${derivedClass(view, `skb ${skb.id}`)}`,
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
      count: rows.length,
      digits: String(list.at(-1)?.id ?? 0).length,
      none: 'No skb is pending: everything sent has been freed, everything received delivered.',
      row,
      choose: (at) => act(skbAt(at) ? { do: 'select', selection: selection(at) } : { do: 'allSkbs', on: true }),
      hover: (at) => act({ do: 'hover', selection: at === undefined || !skbAt(at) ? undefined : selection(at) }),
    })}
  </section>`;
}

const isSelected = ({ ui }: View, skb: PanelSkb): boolean =>
  ui.selected?.head !== undefined && ui.selected.queue === skb.queue && ui.selected.head === skb.head;

/** ns of the oldest one: the length of the longest bar */
const longestLife = (list: readonly PanelSkb[], nowNs: number): number =>
  list.reduce((most, skb) => Math.max(most, nowNs - skb.bornNs), 1);

/** The state whose fill a place wears. */
const fillOf = (place: PanelSkb['place']): SlotState | 'stack' => {
  const [, fill] = PLACES[place];
  return fill === 'leaked' ? 'stack' : fill;
};

/** A bar of its life, a part a place: who has had it, and for how long. */
function lifetime(skb: PanelSkb, nowNs: number, longestNs: number): TemplateResult {
  const percent = (ns: number): string => `${((100 * ns) / longestNs).toFixed(2)}%`;
  const stays = skb.history.map(({ place, sinceNs }, i) => ({
    place: skb.direction === 'rx' && place === 'available' ? ('posted' as const) : place,
    sinceNs,
    ns: (skb.history[i + 1]?.sinceNs ?? nowNs) - sinceNs,
  }));
  const words = stays.map(({ place, ns }) => `${place} ${duration(ns)}`).join(', ');
  return html`<svg class="life" role="img" aria-label=${words} width="100%" height="10">
    <title>${stays.map(({ place, ns }) => `${place}: ${duration(ns)}`).join('\n')}</title>
    ${stays.map(({ place, sinceNs, ns }) => {
      const state = fillOf(place);
      return svg`<rect
        class="slot ${state}"
        fill=${state === 'stack' ? nothing : (HATCH[state] ?? nothing)}
        x=${percent(sinceNs - skb.bornNs)}
        width=${percent(ns)}
        height="10"
      />`;
    })}
  </svg>`;
}
