// A table of which only the rows in view are drawn. Works the same at 8 rows and at 32768, by mouse and by keyboard.
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { changeKey } from '../change-keys';
import { type GridId, type MenuItem, ROW_HEIGHT, type Ui, VIEW_ROWS } from '../state';
import { vars } from './vars';
import type { View } from './view';

export interface GridColumn {
  readonly label: string;
  readonly title?: string;
  /** numbers stand at the right */
  readonly right?: boolean;
}

export interface GridRow {
  readonly cells: readonly (TemplateResult | string | number)[];
  readonly classes?: string;
  readonly selected?: boolean;
  /** tells rows apart from one state to the next, so that a new row can flash */
  readonly key?: string;
}

export interface Grid {
  readonly id: GridId;
  readonly label: string;
  readonly columns: readonly GridColumn[];
  readonly count: number;
  readonly row: (index: number) => GridRow;
  /** of the numbers in its first columns; default: those of `count` */
  readonly digits?: number;
  /** said instead of rows when there are none */
  readonly none: string;
  /** click, Enter or Space */
  readonly choose?: (row: number, event: Event) => void;
  /** right click, the menu key, or m */
  readonly menu?: (row: number, event: Event) => void;
  /** what can be done with the fields of a row: the keys [ and ] go to the changes of the first one */
  readonly fields?: (row: number) => readonly MenuItem[];
  readonly hover?: (row: number | undefined) => void;
  /** other keys; true when it was one of its own */
  readonly key?: (row: number, event: KeyboardEvent) => boolean;
}

/** Rows drawn beyond the view on each side: a fast wheel shows no gap before the next frame. */
const MARGIN = 6;

function rowOf(event: Event): number | undefined {
  const row = (event.target as Element | null)?.closest<HTMLElement>('[data-row]')?.dataset['row'];
  return row === undefined ? undefined : Number(row);
}

/** Draws the table. The keyboard's row is told by aria-activedescendant: rows come and go while scrolling, the focus stays. */
export function grid(view: View, spec: Grid): TemplateResult {
  const { id, count } = spec;
  const { ui, act } = view;
  const shown = VIEW_ROWS[id];
  const top = Math.min(ui.scroll[id] ?? 0, Math.max(0, count * ROW_HEIGHT));
  const first = Math.max(0, Math.min(Math.floor(top / ROW_HEIGHT), count - shown) - MARGIN);
  const last = Math.min(count, first + shown + 2 * MARGIN);
  const activeIn = (of: Ui): number => Math.min(of.active[id] ?? 0, count - 1);
  const active = activeIn(ui);
  const rows: { readonly index: number; readonly row: GridRow }[] = [];
  for (let index = first; index < last; index++) rows.push({ index, row: spec.row(index) });

  const keydown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const now = activeIn(view.latest());
    const to = moved(event.key, now, count, shown);
    if (to !== undefined) act({ do: 'active', grid: id, row: to });
    else if ((event.key === 'Enter' || event.key === ' ') && spec.choose && count > 0) spec.choose(now, event);
    else if ((event.key === 'ContextMenu' || event.key === 'm') && spec.menu && count > 0) spec.menu(now, event);
    else if (event.key === 'Escape') act({ do: 'select', selection: undefined });
    else if (!(count > 0 && (spec.key?.(now, event) || toChange(event, now)))) return;
    event.preventDefault();
  };
  const toChange = (event: KeyboardEvent, now: number): boolean => {
    const message = spec.fields && changeKey(event.key, spec.fields(now));
    if (message) view.send(message);
    return message !== undefined;
  };
  const onRow = (then: ((row: number, event: Event) => void) | undefined) => (event: Event) => {
    const row = rowOf(event);
    if (row === undefined || !then) return;
    act({ do: 'active', grid: id, row });
    then(row, event);
  };
  const right = (column: number): string => (spec.columns[column]?.right ? 'right' : '');

  return html`<div
    class="grid grid-${id}"
    id="grid-${id}"
    role="grid"
    tabindex="0"
    aria-label=${spec.label}
    aria-rowcount=${count + 1}
    aria-colcount=${spec.columns.length}
    aria-activedescendant=${count > 0 && active >= first && active < last ? `${id}-${active}` : nothing}
    ${vars({ '--rows': String(Math.max(1, Math.min(count, shown))), '--digits': String(spec.digits ?? String(count).length) })}
    @scroll=${(event: Event) => act({ do: 'scroll', grid: id, top: (event.currentTarget as Element).scrollTop })}
    @keydown=${keydown}
    @click=${onRow(spec.choose)}
    @contextmenu=${onRow(spec.menu)}
    @mouseover=${(event: Event) => spec.hover?.(rowOf(event))}
    @mouseleave=${() => spec.hover?.(undefined)}
  >
    <div class="row head" role="row" aria-rowindex="1">
      ${spec.columns.map(
        (column, i) =>
          html`<span role="columnheader" class=${right(i)} title=${column.title ?? nothing}
            >${column.label === '' ? html`<span class="sr">${column.title}</span>` : column.label}</span
          >`,
      )}
    </div>
    ${
      count === 0
        ? html`<div class="none">${spec.none}</div>`
        : html`<div class="space" role="presentation" ${vars({ '--h': `${count * ROW_HEIGHT}px` })}>
            <div class="window" role="presentation" ${vars({ '--y': `${first * ROW_HEIGHT}px` })}>
              ${repeat(
                rows,
                ({ index, row }) => row.key ?? index,
                ({ index, row }) =>
                  html`<div
                    class="row ${row.classes ?? ''} ${index === active ? 'active' : ''}"
                    id="${id}-${index}"
                    role="row"
                    data-row=${index}
                    aria-rowindex=${index + 2}
                    aria-selected=${row.selected ? 'true' : 'false'}
                  >
                    ${row.cells.map((cell, i) => html`<span role="gridcell" class=${right(i)}>${cell}</span>`)}
                  </div>`,
              )}
            </div>
          </div>`
    }
  </div>`;
}

function moved(key: string, from: number, count: number, page: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page - 1,
    PageUp: 1 - page,
    Home: -count,
    End: count,
  };
  const step = steps[key];
  return step === undefined || count === 0 ? undefined : Math.max(0, Math.min(count - 1, from + step));
}
