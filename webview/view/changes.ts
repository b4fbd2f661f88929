// What was written since the previous stop, newest first: when, by whom, which field, from what to what, and where in the source.
import { html, nothing, type TemplateResult } from 'lit';
import type { PanelState } from '../../src/panel/protocol';
import { isUnchanged } from '../changed';
import type { MenuItem } from '../state';
import { fieldActions } from '../field-actions';
import { AUTHOR_CLASS, ago, duration } from '../format';
import { grid, type GridRow } from './grid';
import { authorMark, sourceLink } from './marks';
import { openMenu, type View } from './view';

type PanelChange = PanelState['changes'][number];

const COLUMNS = [
  { label: 'when', title: 'virtual time before this stop; click, Shift+Enter or g to go back there', right: true },
  { label: '', title: 'who wrote it' },
  { label: 'field: before → after' },
  { label: 'where', right: true },
];

export function changes(view: View): TemplateResult {
  const { panel, send, act } = view;
  const newest = (row: number): PanelChange | undefined => panel.changes[panel.changes.length - 1 - row];
  const older = (row: number): boolean => panel.changes.length - 1 - row < panel.older;
  const goTo = (change: PanelChange): void =>
    send({ type: 'goTo', tick: change.position.tick, sub: change.position.sub });
  const open = (change: PanelChange): void => {
    if (change.source) send({ type: 'openSource', path: change.source.path, line: change.source.line });
  };
  const queueName = ({ queue }: PanelChange): TemplateResult | typeof nothing =>
    queue === undefined || queue === view.ui.tab ? nothing : html`<span class="dim">${queue} </span>`;
  const row = (at: number): GridRow => {
    const change = newest(at);
    if (!change) return { cells: [] };
    const { tick, sub } = change.position;
    return {
      cells: [
        html`<a
          class="when"
          href="#"
          tabindex="-1"
          title="Go back to tick ${tick}, ${duration(panel.timeNs - change.timeNs)} before this stop"
          @click=${(event: Event) => {
            event.preventDefault();
            event.stopPropagation();
            goTo(change);
          }}
          >${change.timeNs === panel.timeNs ? 'now' : `−${ago(panel.timeNs - change.timeNs)}`}</a
        >`,
        authorMark(change.author),
        isUnchanged(change)
          ? html`<span
              title=${`${titleOf(change)}: the value was the same before. The store dirties its cache line all the same`}
              >${queueName(change)}${change.field} = ${change.after}, unchanged</span
            >`
          : html`<span title=${titleOf(change)}
              >${queueName(change)}${change.field}
              <span class="dim">${change.before} →</span>
              ${older(at) ? change.after : html`<u class="chg new ${AUTHOR_CLASS[change.author]}">${change.after}</u>`}</span
            >`,
        change.source ? sourceLink(view, change.source) : html`<span class="dim">${change.thread ?? ''}</span>`,
      ],
      classes:
        older(at) || isUnchanged(change) || (change.queue !== undefined && change.queue !== view.ui.tab) ? 'stale' : '',
      // fields change several times between two stops: tick, sub and field name one of them
      key: `${tick}.${sub} ${change.queue ?? ''} ${change.field} ${panel.changes.length - at}`,
    };
  };
  const labelOf = ({ queue, field }: PanelChange): string => (queue === undefined ? field : `${queue} ${field}`);
  const fields = (at: number): MenuItem[] => {
    const change = newest(at);
    if (change?.address === undefined || !change.size) return [];
    return fieldActions(labelOf(change), { address: change.address, size: change.size });
  };
  const menu = (at: number, event: Event): void => {
    const change = newest(at);
    if (!change) return;
    const { source, position } = change;
    const items: MenuItem[] = [
      { label: 'Go back to this moment', message: { type: 'goTo', tick: position.tick, sub: position.sub } },
      ...(source
        ? [
            {
              label: `Open ${source.label}`,
              message: { type: 'openSource', path: source.path, line: source.line } as const,
            },
          ]
        : []),
      ...fields(at),
    ];
    openMenu(view, event, labelOf(change), items);
  };
  const since = panel.changesSince === 'previous' ? 'since the previous stop' : 'on the way to this place';
  const onlyOlder = panel.older > 0 && panel.older === panel.changes.length;
  return html`<section class="changes" aria-label="What changed">
    <h2>What changed <span>${onlyOlder ? `nothing ${since}; before it` : since}</span></h2>
    ${grid(view, {
      id: 'changes',
      label: `Changes ${since}, newest first`,
      columns: COLUMNS,
      count: panel.changes.length,
      none: 'Nothing in the rings has been written.',
      row,
      choose: (at, event) => {
        const change = newest(at);
        if (!change) return;
        if (event instanceof KeyboardEvent ? event.shiftKey : event instanceof MouseEvent && event.altKey) goTo(change);
        else open(change);
      },
      menu,
      fields,
      // Enter goes to the line; this goes to the moment, as Alt and a click do
      key: (at, event) => {
        const change = newest(at);
        if (event.key !== 'g' || !change) return false;
        goTo(change);
        return true;
      },
      hover: (at) => {
        const change = at === undefined ? undefined : newest(at);
        act({ do: 'hover', selection: change && selectionOf(panel, change) });
      },
    })}
  </section>`;
}

const titleOf = ({ field, before, after, author, thread }: PanelChange): string =>
  `${field}${before === after ? ` = ${after}` : `: ${before} → ${after}`}, by ${thread ?? `the ${author}`}`;

/** The chain a changed field is about, so that hovering it shows the rest. */
function selectionOf(panel: PanelState, change: PanelChange): { queue: string; head: number } | undefined {
  const queue = panel.queues.find((q) => q.ring.name === change.queue);
  const match = /^(desc|avail\.ring|used\.ring)\[(\d+)\]/.exec(change.field);
  if (!queue || !match) return undefined;
  const at = Number(match[2]);
  const head =
    match[1] === 'desc'
      ? (queue.ring.descriptors[at]?.chain ?? at)
      : match[1] === 'avail.ring'
        ? queue.ring.avail.ring[at]
        : queue.ring.used.ring[at]?.id;
  return head === undefined ? undefined : { queue: queue.ring.name, head };
}
