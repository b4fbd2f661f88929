// An experiment's page: sorting, what messages do to it, where a chart's lines and ticks fall, and the guards of its messages.
import assert from 'node:assert/strict';
import { shownMarkdown } from '../../../src/experiment';
import {
  checkFromExperiment,
  checkToExperiment,
  checkView,
  type ExperimentView,
  type ViewRow,
} from '../../../src/views/experiment/protocol';
import { axis, layout, tickText } from '../../../webview/experiment/chart-layout';
import { sortedRows, update, type Model } from '../../../webview/experiment/state';

const row = (name: string, ...values: readonly (number | null)[]): ViewRow => ({
  name,
  cells: values.map((value) => ({ text: String(value), value })),
  problems: [],
});

const CHART: ExperimentView['charts'][number] = {
  title: 't',
  kind: 'lines',
  xTitle: 'interval',
  yTitle: 'packets per interrupt',
  xUnit: 'ns',
  yUnit: '',
  xScale: 'log',
  yScale: 'linear',
  series: [
    {
      name: 'a',
      points: [
        { label: '1000', x: 1000, y: 0 },
        { label: '100000', x: 100_000, y: 18 },
      ],
    },
  ],
  marks: [{ y: 21.3, label: 'the mail' }],
};

const VIEW: ExperimentView = {
  version: 1,
  file: '/x/y.virtio-experiment.json',
  title: 'T',
  claim: 'c',
  description: 'd',
  passed: true,
  columns: [{ title: 'kicks', hint: '', standard: true }],
  rows: [row('a', 1)],
  charts: [CHART],
  published: [
    { row: 'a', measure: 'm', predicted: '1', published: '2', ratio: '0.5', role: 'prediction', source: 's' },
  ],
  expectations: [{ what: 'w', why: '', actual: '1', ok: true }],
};

describe('an experiment’s page', () => {
  it('sorts greatest first, least first, and back to the experiment’s own order', () => {
    const rows = [row('b', 2), row('a', null), row('c', 10), row('d', 2)];
    let model: Model = {};
    const names = (): string => {
      model = update(model, { do: 'sort', column: 0 });
      return sortedRows(rows, model.sort)
        .map(({ name }) => name)
        .join('');
    };
    assert.equal(names(), 'cbda');
    assert.equal(names(), 'bdca');
    assert.equal(names(), 'bacd');
    assert.equal(names(), 'cbda');
  });

  it('sorts names by the numbers in them, from the least', () => {
    const rows = [row('x @ 1000'), row('x @ 50'), row('a')];
    const { sort } = update({}, { do: 'sort', column: -1 });
    assert.deepEqual(
      sortedRows(rows, sort).map(({ name }) => name),
      ['a', 'x @ 50', 'x @ 1000'],
    );
  });

  it('keeps the last result in view while a run is under way and when it fails, and the sort over a new one', () => {
    const sorted = update({ view: VIEW }, { do: 'sort', column: 0 });
    const running = { type: 'running', file: 'f', title: 'T', done: 1, total: 2, row: 'a' } as const;
    const under = update(sorted, { do: 'message', message: running });
    assert.equal(under.view, VIEW);
    assert.deepEqual(under.running, running);
    const failed = update(under, { do: 'message', message: { type: 'failed', file: 'f', title: 'T', text: 'no' } });
    assert.equal(failed.running, undefined);
    assert.equal(failed.view, VIEW);
    const again = update(failed, { do: 'message', message: { type: 'result', view: { ...VIEW, title: 'U' } } });
    assert.deepEqual([again.view?.title, again.failed, again.sort], ['U', undefined, { column: 0, descending: true }]);
  });

  it('checks its messages on both sides', () => {
    assert.ok(checkToExperiment({ type: 'result', view: VIEW }).ok);
    assert.equal(checkView(JSON.parse(JSON.stringify(VIEW))) === undefined, false);
    assert.equal(checkView({ ...VIEW, version: 2 }), undefined);
    assert.equal(checkView(undefined), undefined);
    const told = (message: unknown): string => {
      const checked = checkToExperiment(message);
      return checked.ok ? '' : checked.error;
    };
    assert.equal(
      told({ type: 'result', view: { ...VIEW, rows: [{ name: 'a' }] } }),
      'result.view.rows[0].cells: expected a list, found nothing',
    );
    assert.match(told({ type: 'state' }), /^message\.type: expected result or running or failed, found "state"$/);
    for (const type of ['ready', 'runAgain', 'cancel', 'copyMarkdown', 'openFile'])
      assert.ok(checkFromExperiment({ type }).ok, type);
    assert.ok(checkFromExperiment({ type: 'row', act: 'debug', name: 'a' }).ok);
    assert.ok(!checkFromExperiment({ type: 'row', act: 'delete', name: 'a' }).ok);
    assert.ok(!checkFromExperiment({ type: 'row', act: 'run' }).ok);
  });
});

describe('the layout of a chart', () => {
  it('puts values where their axes say, published figures too', () => {
    const drawn = layout(CHART, 640, 300);
    const [first, last] = drawn.series[0]?.points ?? [];
    assert.equal(first?.x, drawn.left);
    assert.equal(first?.y, drawn.bottom);
    assert.equal(last?.x, drawn.right);
    assert.deepEqual(
      drawn.yTicks.map(({ label }) => label),
      ['0', '5', '10', '15', '20', '25'],
    );
    assert.deepEqual(
      drawn.xTicks.map(({ label }) => label),
      ['1 µs', '2 µs', '5 µs', '10 µs', '20 µs', '50 µs', '100 µs'],
    );
    // 18 of 25, and 21.3 above it
    assert.ok(Math.abs((last?.y ?? 0) - (drawn.bottom - (18 / 25) * (drawn.bottom - drawn.top))) < 1e-9);
    assert.ok((drawn.marks[0]?.y ?? Infinity) < (last?.y ?? 0));
  });

  it('gives each bar its name, and starts bars at 0', () => {
    const points = ['one', 'two', 'three'].map((label, x) => ({ label, x, y: 100 + x }));
    const drawn = layout(
      { ...CHART, kind: 'bars', xScale: 'linear', series: [{ name: 'y', points }], marks: [] },
      640,
      300,
    );
    assert.deepEqual(
      drawn.xTicks.map(({ label }) => label),
      ['one', 'two', 'three'],
    );
    assert.equal(drawn.yTicks[0]?.label, '0');
    const xs = drawn.series[0]?.points.map(({ x }) => x) ?? [];
    assert.ok(xs.every((x, i) => i === 0 || x - (xs[i - 1] ?? 0) > drawn.bar));
  });

  it('keeps long names in the picture and apart, by lines', () => {
    const named = (names: readonly string[]) => {
      const points = names.map((label, x) => ({ label, x, y: 1 }));
      return { xScale: 'linear', series: [{ name: 'y', points }], marks: [] } as const;
    };
    const machines = layout({ ...CHART, ...named(['nothing costs', 'guest traps', 'host does DMA']) }, 640, 300);
    const last = machines.xTicks.at(-1);
    assert.equal(last?.at, machines.right);
    assert.deepEqual(last?.lines, ['host does DMA']);
    // half of thirteen letters of six px lie on each side of its middle
    assert.ok((last?.textAt ?? 640) + (13 * 6) / 2 <= 640, `${last?.textAt}`);
    const rules = [
      'before each TX only',
      '3/4 rule, ring nearly full',
      'half full, the guest says',
      'orphan',
      '3/4 rule',
    ];
    const many = layout(
      { ...CHART, kind: 'bars', ...named([...rules, ...rules.map((rule) => `${rule} 2`)]) },
      640,
      300,
    );
    assert.deepEqual(many.xTicks[1]?.lines.join(' '), rules[1]);
    many.xTicks.forEach(({ lines, textAt }, i) => {
      const half = (6 * Math.max(...lines.map((line) => line.length))) / 2;
      const next = many.xTicks[i + 1];
      if (next === undefined) return;
      const nextHalf = (6 * Math.max(...next.lines.map((line) => line.length))) / 2;
      assert.ok(textAt + half <= next.textAt - nextHalf, `${lines.join('/')} and ${next.lines.join('/')}`);
    });
    // the names' lines are below the axis, and in the picture
    const deepest = Math.max(...many.xTicks.map(({ lines }) => lines.length));
    assert.ok(many.bottom + 17 + (deepest - 1) * 13 < 300, `${deepest} lines below ${many.bottom}`);
  });

  it('has round ticks that hold all values, whatever they are', () => {
    for (const values of [[0], [5, 5], [0.001, 0.0034], [1, 1e9], [-3, 4], [7], []])
      for (const scale of ['linear', 'log'] as const) {
        const { ticks, share } = axis(values, scale);
        for (const value of values) {
          assert.ok(share(value) >= -1e-9 && share(value) <= 1 + 1e-9, `${value} in ${values.join()} ${scale}`);
          assert.ok(Number.isFinite(share(value)));
        }
        assert.ok(values.length === 0 || (ticks.length >= 2 && ticks.length <= 12), `${ticks.join()}`);
      }
    // a logarithm of 0 is nowhere
    assert.deepEqual(axis([0, 10], 'log').ticks, axis([0, 10], 'linear').ticks);
  });

  it('shows ticks in few letters', () => {
    const said = [
      tickText(0, 'ns'),
      tickText(1500, 'ns'),
      tickText(2e9, 'ns'),
      tickText(12_500, ''),
      tickText(9999, ''),
      tickText(0.25, ''),
      tickText(3e6, '/s'),
    ];
    assert.deepEqual(said, ['0 ns', '1.5 µs', '2 s', '12.5k', '9999', '0.25', '3M/s']);
  });
});

describe('a result that the page has kept', () => {
  it('is Markdown as it was shown, without having run again', () => {
    const kept = checkView(structuredClone(VIEW));
    assert.ok(kept);
    const published = {
      row: 'a',
      measure: 'kicks',
      predicted: '1',
      published: '2',
      ratio: '0.5',
      role: 'prediction',
      source: 'a mail',
    };
    assert.equal(
      shownMarkdown({
        ...kept,
        published: [published],
        expectations: [{ what: 'kicks: falling', why: '', actual: '1', ok: false }],
      }),
      `## T

> c

|  | kicks |
| --- | ---: |
| a | 1 |

|  | measure | predicted | published | ratio | is a | source |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| a | kicks | 1 | 2 | 0.5 | prediction | a mail |

- **fails**: kicks: falling (1)
`,
    );
  });
});
