// Entry of the compare tab's page: a table of packets, both runs side by side, the first difference marked.
import { html, nothing, render, type TemplateResult } from 'lit';
import {
  checkToCompare,
  type CompareRow,
  type CompareState,
  type FromCompare,
  type PacketCells,
} from '../../src/views/compare/protocol';
import './compare.css';

declare function acquireVsCodeApi(): { postMessage(message: FromCompare): void };

const api = acquireVsCodeApi();
const send = (message: FromCompare): void => api.postMessage(message);
let state: CompareState | undefined;
let over: string | undefined;

const COLUMNS = ['kicks', 'suppressed', 'exits', 'interrupts', 'latency'];

function cells(of: PacketCells | undefined, other: PacketCells | undefined): TemplateResult[] {
  const values = (c: PacketCells | undefined): (number | string)[] =>
    c === undefined ? COLUMNS.map(() => '–') : [c.kicks, c.kicksSuppressed, c.exits, c.interrupts, c.latency];
  const others = values(other);
  return values(of).map((value, i) => html`<td class=${value === others[i] ? 'n' : 'n other'}>${value}</td>`);
}

function row(item: CompareRow, index: number, first: number | undefined): TemplateResult {
  return html`<tr class=${index === first ? 'first' : item.difference === '' ? '' : 'differs'}>
    <th scope="row">
      <button title="Go there in both sessions" @click=${() => send({ type: 'goTo', row: index })}>
        ${item.label}
      </button>
    </th>
    ${cells(item.left, item.right)} ${cells(item.right, item.left)}
    <td>${index === first ? html`<b>first difference: </b>` : nothing}${item.difference}</td>
  </tr>`;
}

function table({ left, right, rows, first }: CompareState): TemplateResult {
  return html`<table>
    <thead>
      <tr>
        <th rowspan="2" scope="col">packet</th>
        <th colspan=${COLUMNS.length} scope="colgroup">${left}</th>
        <th colspan=${COLUMNS.length} scope="colgroup">${right}</th>
        <th rowspan="2" scope="col">what differs</th>
      </tr>
      <tr>
        ${[...COLUMNS, ...COLUMNS].map((name) => html`<th scope="col" class="n">${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map((item, index) => row(item, index, first))}
    </tbody>
  </table>`;
}

function summary({ rows, first }: CompareState): string {
  if (rows.length === 0) return 'No packet has begun yet.';
  const differing = rows.filter(({ difference }) => difference !== '').length;
  return first === undefined
    ? `${rows.length} packets, no difference.`
    : `${rows.length} packets, ${differing} differ; the first is ${rows[first]?.label}.`;
}

function draw(): void {
  render(
    html`<main>
      <p role="status">${over ?? (state === undefined ? 'Waiting for both sessions to stop.' : summary(state))}</p>
      <div class="buttons">
        <button class="action" @click=${() => send({ type: 'runBoth' })}>Continue both</button>
        <button class="action" @click=${() => send({ type: 'showRings' })}>Rings side by side</button>
      </div>
      ${state === undefined ? nothing : table(state)} ${state?.notes.map((note) => html`<p class="note">${note}</p>`)}
    </main>`,
    document.body,
  );
}

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  const message = checkToCompare(event.data);
  if (message === undefined) over = 'The extension sent what this page does not understand.';
  else if (message.type === 'over') over = message.text;
  else {
    over = undefined;
    ({ state } = message);
  }
  draw();
});
draw();
send({ type: 'ready' });
