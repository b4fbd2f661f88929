// The compare page, drawn from its model: what the runs are, a packet in both, and the table of all.
import { html, nothing, type TemplateResult } from 'lit';
import type { CompareRow, CompareState, FromCompare, Measures, Totals } from '../../src/views/compare/protocol';
import { duration, grouped, plural } from '../format';
import { packetSection, signed, type Drawn } from './packet';
import type { Action, Model } from './state';

export interface Ways {
  /** changes what the page shows */
  readonly act: (action: Action) => void;
  /** asks the extension */
  readonly send: (message: FromCompare) => void;
  /** the plots as they are drawn */
  readonly drawn: () => Drawn;
}

interface Column {
  readonly of: keyof Measures;
  readonly title: string;
  readonly hint: string;
}

const COLUMNS: readonly Column[] = [
  { of: 'kicks', title: 'kicks', hint: 'notifications of the device' },
  { of: 'kicksSuppressed', title: 'suppressed', hint: 'kicks that the device did not want' },
  { of: 'exits', title: 'exits', hint: 'VM exits of any kind while the vCPU worked for the packet' },
  { of: 'interrupts', title: 'interrupts', hint: 'raised for the packet and those used with it' },
  { of: 'lines', title: 'lines', hint: 'lines of the driver and the kernel API that ran for it' },
  { of: 'latencyNs', title: 'latency', hint: 'until it left on the wire, or was delivered to the stack' },
];

export function page(model: Model, ways: Ways): TemplateResult {
  const { state, packet, over } = model;
  return html`<main>
    <h1>Compare sessions</h1>
    ${state === undefined ? nothing : html`<p class="names"><b>A</b> ${state.left} <b>B</b> ${state.right}</p>`}
    <p role="status">${state === undefined ? (over ?? 'Waiting for both sessions to stop.') : summary(state)}</p>
    ${over === undefined || state === undefined ? nothing : html`<p class="over" role="alert">${over}</p>`}
    ${buttons(model, ways)}
    ${packet === undefined || state === undefined ? nothing : packetSection(model, packet, ways.drawn(), ways)}
    ${state === undefined || state.rows.length === 0 ? nothing : table(state, packet?.row, ways)}
    ${state?.notes.map((note) => html`<p class="note">${note}</p>`)}
  </main>`;
}

function buttons({ state, over, again }: Model, { send }: Ways): TemplateResult {
  const button = (text: string, message: FromCompare): TemplateResult =>
    html`<button class="button" @click=${() => send(message)}>${text}</button>`;
  return html`<div class="buttons">
    ${
      over !== undefined
        ? again && button('Run both again', { type: 'again' })
        : html`${button('Continue both', { type: 'runBoth' })} ${button('Rings side by side', { type: 'showRings' })}`
    }
    ${state?.first === undefined ? nothing : button('First difference', { type: 'choose' })}
  </div>`;
}

function summary({ rows, first }: CompareState): string {
  if (rows.length === 0) return 'No packet has begun yet.';
  if (first === undefined) return `${plural(rows.length, 'packet')}, no difference so far.`;
  const { label, difference } = rows[first] as CompareRow;
  return `${plural(rows.length, 'packet')}; the first difference is at ${label}: ${difference}.`;
}

function table(state: CompareState, shown: number | undefined, ways: Ways): TemplateResult {
  const { rows, first, totals, ended } = state;
  return html`<section class="table" aria-label="Packets" tabindex="0">
    <table>
      <thead>
        <tr>
          <th rowspan="2" scope="col">packet</th>
          ${COLUMNS.map(({ title, hint }) => html`<th colspan="2" scope="colgroup" class="n" title=${hint}>${title}</th>`)}
          <th rowspan="2" scope="col">what differs</th>
          <th rowspan="2" scope="col"><span class="sr">what to do with a packet</span></th>
        </tr>
        <tr>
          ${COLUMNS.map(
            ({ title }) =>
              html`<th scope="col" class="n" aria-label="${title} of A">A</th>
                <th scope="col" class="n" aria-label="${title} of B">B</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        <tr class="totals">
          <th scope="row">all</th>
          ${pairs(totals.left, totals.right, { ended, comparable: rows.every(({ open }) => open !== true) })}
          <td>${packetCounts(totals.left)} / ${packetCounts(totals.right)}; latency: the mean</td>
          <td></td>
        </tr>
        ${rows.map((row, index) => packetRow(row, index, { first, shown, ended }, ways))}
      </tbody>
    </table>
  </section>`;
}

const packetCounts = ({ tx, rx }: Totals): string =>
  [tx && `${grouped(tx)} tx`, rx && `${grouped(rx)} rx`].filter(Boolean).join(', ') || 'none';

function packetRow(
  { label, left, right, difference, open }: CompareRow,
  index: number,
  { first, shown, ended }: Pick<CompareState, 'first' | 'ended'> & { readonly shown: number | undefined },
  { send }: Ways,
): TemplateResult {
  const classes = [index === first ? 'first' : '', index === shown ? 'shown' : ''].join(' ');
  const go = (): void => send({ type: 'goTo', ...(left && { left: left.tick }), ...(right && { right: right.tick }) });
  return html`<tr class=${classes} aria-current=${index === shown ? 'true' : nothing}>
    <th scope="row">
      <button class="link" title="Show it above" @click=${() => send({ type: 'choose', row: index })}>${label}</button>
    </th>
    ${pairs(left, right, { ended, comparable: open !== true })}
    <td>${index === first ? html`<b>first difference: </b>` : nothing}${difference}</td>
    <td>
      <button class="link" aria-label="Go there: both sessions to ${label}" @click=${go}>Go there</button>
    </td>
  </tr>`;
}

/** Both runs' cells; the second has how much it is more, where it is not the same and both have come as far. */
function pairs(
  left: Measures | undefined,
  right: Measures | undefined,
  { ended, comparable }: Pick<CompareState, 'ended'> & { readonly comparable: boolean },
): TemplateResult[] {
  return COLUMNS.map(({ of }) => {
    const [a, b] = [left?.[of], right?.[of]];
    const differs = comparable && a !== b;
    const more = differs && a !== undefined && b !== undefined ? delta(of, b - a) : '';
    return html`<td class="n">${text(of, left, ended.left)}</td>
      <td class=${differs ? 'n other' : 'n'}>
        ${text(of, right, ended.right)}${more === '' ? nothing : html` <span>${more}</span>`}
      </td>`;
  });
}

function text(of: keyof Measures, measures: Measures | undefined, ended: boolean): string {
  if (measures === undefined) return '–';
  const value = measures[of];
  if (of !== 'latencyNs') return grouped(value ?? 0);
  return value === undefined ? (ended ? 'never' : 'under way') : duration(value);
}

const delta = (of: keyof Measures, by: number): string =>
  of === 'latencyNs' ? signed(by) : `${by > 0 ? '+' : '−'}${grouped(Math.abs(by))}`;
