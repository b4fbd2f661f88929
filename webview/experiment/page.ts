// An experiment's page, drawn from its model: what runs, the table, charts, expectations and published figures.
import { html, nothing, type TemplateResult } from 'lit';
import type { ExperimentView, FromExperiment, ViewRow } from '../../src/views/experiment/protocol';
import { chartView } from './chart';
import { sortedRows, type Action, type Model, type Sort } from './state';

export interface Ways {
  /** changes what the page shows */
  readonly act: (action: Action) => void;
  /** asks the extension */
  readonly send: (message: FromExperiment) => void;
}

export function page(model: Model, ways: Ways): TemplateResult {
  const { view, running, failed } = model;
  const title = view?.title ?? running?.title ?? failed?.title ?? 'Experiment';
  return html`<main>
    <header>
      <h1>${title}</h1>
      ${view === undefined ? nothing : verdict(view)}
      <div class="tools">
        ${running === undefined ? button('Run again', () => ways.send({ type: 'runAgain' })) : nothing}
        ${view === undefined ? nothing : button('Copy as Markdown', () => ways.send({ type: 'copyMarkdown' }))}
        ${button('Open file', () => ways.send({ type: 'openFile' }))}
      </div>
    </header>
    <div role="status">${running === undefined ? nothing : progress(running, ways)}</div>
    <div role="alert">${failed === undefined ? nothing : html`<pre class="failed">${failed.text}</pre>`}</div>
    ${view === undefined ? nothing : result(view, model.sort, ways)}
  </main>`;
}

const button = (label: string, click: () => void): TemplateResult =>
  html`<button class="button" @click=${click}>${label}</button>`;

function verdict({ passed, expectations }: ExperimentView): TemplateResult {
  const failing = expectations.filter(({ ok }) => !ok).length;
  if (passed) return html`<p class="good">Everything expected holds.</p>`;
  return html`<p class="bad">
    ${failing > 0 ? `${failing} of ${expectations.length} expectations do not hold.` : 'A row is not as it should be.'}
  </p>`;
}

function progress({ done, total, row }: NonNullable<Model['running']>, ways: Ways): TemplateResult {
  const text = total === 0 ? 'Reading the experiment and its drivers' : `${done} of ${total} rows: ${row}`;
  return html`<div class="running">
    <progress max=${Math.max(1, total)} value=${done} aria-label="rows that have run"></progress>
    <span>${text}</span>
    ${button('Cancel', () => ways.send({ type: 'cancel' }))}
  </div>`;
}

function result(view: ExperimentView, sort: Sort | undefined, ways: Ways): TemplateResult {
  const { claim, description, charts } = view;
  return html`${claim === '' ? nothing : html`<blockquote>${claim}</blockquote>`}
  ${description === '' ? nothing : html`<p class="description">${description}</p>`}
  ${charts.length === 0 ? nothing : html`<section class="charts" aria-label="Charts">${charts.map(chartView)}</section>`}
  ${table(view, sort, ways)} ${expectations(view)} ${published(view)}`;
}

function table({ columns, rows }: ExperimentView, sort: Sort | undefined, ways: Ways): TemplateResult {
  return html`<section class="table" aria-label="Rows" tabindex="0">
    <table>
      <thead>
        <tr>
          ${heading('row', '', -1, sort, ways)}
          ${columns.map(({ title, hint }, i) => heading(title, hint, i, sort, ways))}
          <th scope="col"><span class="sr">what to do with a row</span></th>
        </tr>
      </thead>
      <tbody>
        ${sortedRows(rows, sort).map((row) => tableRow(row, ways))}
      </tbody>
    </table>
  </section>`;
}

function heading(title: string, hint: string, column: number, sort: Sort | undefined, ways: Ways): TemplateResult {
  const sorted = sort?.column === column ? (sort.descending ? 'descending' : 'ascending') : 'none';
  const arrow = { descending: '▼', ascending: '▲', none: '' }[sorted];
  return html`<th scope="col" aria-sort=${sorted} class=${column < 0 ? 'name' : ''}>
    <button title=${hint === '' ? nothing : hint} @click=${() => ways.act({ do: 'sort', column })}>
      ${title}<span class="arrow" aria-hidden="true">${arrow}</span>
    </button>
  </th>`;
}

function tableRow({ name, cells, problems }: ViewRow, ways: Ways): TemplateResult {
  const ask = (label: string, act: 'open' | 'debug' | 'run'): TemplateResult =>
    html`<button class="link" aria-label="${label} ${name}" @click=${() => ways.send({ type: 'row', act, name })}>
      ${label}
    </button>`;
  return html`<tr class=${problems.length > 0 ? 'wrong' : ''}>
    <th scope="row" class="name">${name} ${problems.map((text) => html`<div class="bad">${text}</div>`)}</th>
    ${cells.map(({ text }) => html`<td>${text}</td>`)}
    <td class="acts">${ask('Debug', 'debug')} ${ask('Run', 'run')} ${ask('Open', 'open')}</td>
  </tr>`;
}

function expectations({ expectations: all }: ExperimentView): TemplateResult | typeof nothing {
  if (all.length === 0) return nothing;
  return html`<section aria-labelledby="expected">
    <h2 id="expected">Expected</h2>
    <ul class="expected">
      ${all.map(
        ({ what, why, actual, ok }) =>
          html`<li class=${ok ? '' : 'wrong'}>
            <span class=${ok ? 'good' : 'bad'}>${ok ? 'holds' : 'fails'}</span>
            <span>${what}</span> ${why === '' ? nothing : html`<span class="dim">${why}</span>`}
            ${ok ? nothing : html`<div class="bad">it is ${actual}</div>`}
          </li>`,
      )}
    </ul>
  </section>`;
}

function published({ published: all }: ExperimentView): TemplateResult | typeof nothing {
  if (all.length === 0) return nothing;
  const heads = ['row', 'measure', 'predicted', 'published', 'ratio', 'is a', 'source'];
  return html`<section class="table" aria-labelledby="published" tabindex="0">
    <h2 id="published">Published figures</h2>
    <table>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col" class="plain">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${all.map(
          (each) =>
            html`<tr>
              <th scope="row" class="name">${each.row}</th>
              <td class="text">${each.measure}</td>
              <td>${each.predicted}</td>
              <td>${each.published}</td>
              <td>${each.ratio}</td>
              <td class="text">${each.role}</td>
              <td class="text">${each.source}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}
