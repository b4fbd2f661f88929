// The timeline's state and shapes, without a browser: pure functions of what was told and chosen.
import assert from 'node:assert/strict';
import type { Series, TimelineWindow } from '../../../src/panel/protocol';
import { keyTo } from '../../../webview/timeline/keys';
import { playheadOf, stripOf } from '../../../webview/timeline/playhead';
import { overviewShapes, sceneOf, targetAt, type Scene } from '../../../webview/timeline/scene';
import type { Shape } from '../../../webview/timeline/shapes';
import { nsAt, ticks, xOf } from '../../../webview/timeline/scale';
import { restoreTimeline, saveTimeline } from '../../../webview/timeline/saved';
import {
  dueQuestions,
  endOf,
  initialTimeline,
  receiveTimeline,
  updateTimeline,
  type Timeline,
} from '../../../webview/timeline/state';
import { tableOf } from '../../../webview/timeline/table';
import { composePanelState } from '../../../src/panel/compose';
import { ringFull } from '../../support/panel-states';
import { random } from '../../support/machine';

const SERIES: readonly Series[] = [
  { kind: 'level', what: 'context', of: 'process' },
  { kind: 'mark', what: 'kick', queue: 'tx' },
  { kind: 'mark', what: 'kickSuppressed', queue: 'tx' },
  { kind: 'level', what: 'noNotify', of: 'tx' },
  { kind: 'level', what: 'outstanding', of: 'tx' },
  { kind: 'level', what: 'timer', of: 'tx_timer' },
  { kind: 'level', what: 'unreclaimed', of: 'tx' },
];

/** A window [0, 1000) of items: time, series, value. */
function itemWindow(items: readonly (readonly [number, number, number])[], endNs = 1000): TimelineWindow {
  return {
    fromNs: 0,
    toNs: 1000,
    endNs,
    series: SERIES,
    before: SERIES.map(() => 0),
    content: {
      kind: 'items',
      ns: items.map(([ns]) => ns),
      tick: items.map(([ns]) => ns * 2),
      series: items.map(([, series]) => series),
      value: items.map(([, , value]) => value),
    },
  };
}

const state = () => {
  const { stop, ctx } = ringFull();
  return composePanelState(stop, ctx);
};

/** In view is [0, 1000), the machine at 500, at 1 px a ns. */
function timeline(view: TimelineWindow): Timeline {
  return { ...initialTimeline, fromNs: 0, toNs: 1000, atNs: 500, furthest: 10, view };
}

const of = <K extends Shape['kind']>(scene: Scene, kind: K): Extract<Shape, { kind: K }>[] =>
  scene.shapes.filter((s): s is Extract<Shape, { kind: K }> => s.kind === kind);
const lane = (scene: Scene, label: string) => scene.lanes.find((l) => l.label === label) ?? assert.fail(label);

describe('the timeline’s scene', () => {
  it('draws a level from where it is set to where it is cleared, and an open one to the end of the record', () => {
    const scene = sceneOf(
      timeline(
        itemWindow(
          [
            [100, 0, 1],
            [250, 0, 0],
            [600, 0, 1],
          ],
          700,
        ),
      ),
      [],
      1000,
    );
    const { y, height } = lane(scene, 'process');
    assert.deepEqual(
      of(scene, 'rect').filter((r) => r.y === y && r.height === height),
      [
        { kind: 'rect', x: 100, width: 150, y, height, fill: 'driver' },
        { kind: 'rect', x: 600, width: 100, y, height, fill: 'driver' },
      ],
    );
  });

  it('draws a sent notification filled, a suppressed one hollow, and the band of the flag behind both', () => {
    const scene = sceneOf(
      timeline(
        itemWindow([
          [100, 1, 7],
          [200, 3, 1],
          [300, 2, 8],
          [400, 3, 0],
        ]),
      ),
      [],
      1000,
    );
    const marks = of(scene, 'mark').map(({ x, hollow, shape, fill }) => ({ x, hollow, shape, fill }));
    assert.deepEqual(marks, [
      { x: 100, hollow: false, shape: 'down', fill: 'driver' },
      { x: 300, hollow: true, shape: 'down', fill: 'driver' },
    ]);
    const band = scene.shapes.findIndex((s) => s.kind === 'rect' && s.fill === 'band');
    const mark = scene.shapes.findIndex((s) => s.kind === 'mark' && s.hollow === true);
    assert.ok(band >= 0 && band < mark, 'the band lies behind');
    const shape = scene.shapes[band];
    assert.ok(shape?.kind === 'rect' && shape.x === 200 && shape.width === 200);
    const { y } = lane(scene, 'kicks tx');
    assert.deepEqual(targetAt(scene.targets, 303, y + 7)?.text, 'kick tx suppressed at 0.3 µs');
    assert.equal(targetAt(scene.targets, 303, y + 7)?.seq, 8);
    assert.match(targetAt(scene.targets, 350, y + 7)?.text ?? '', /^NO_NOTIFY of tx set/);
    assert.equal(targetAt(scene.targets, 500, y + 7), undefined);
  });

  it('draws marks that cannot be told apart as a bar of their numbers', () => {
    const close = Array.from({ length: 6 }, (_, i) => [100 + i * 0.1, i < 2 ? 1 : 2, i] as const);
    const scene = sceneOf(timeline(itemWindow(close)), [], 1000);
    assert.equal(of(scene, 'mark').length, 0);
    const bars = of(scene, 'rect').filter((r) => r.fill === 'driver');
    assert.deepEqual(
      bars.map((r) => r.hollow ?? false),
      [true, false],
    );
    const { y } = lane(scene, 'kicks tx');
    assert.match(targetAt(scene.targets, 101, y + 7)?.text ?? '', /^2 kicks tx, 4 suppressed/);
  });

  it('shows a timer that was deleted with a cross, and dots to when it was due', () => {
    const scene = sceneOf(
      timeline(
        itemWindow([
          [100, 5, 300],
          [250, 5, 0],
        ]),
      ),
      [],
      1000,
    );
    const { y, height } = lane(scene, 'tx_timer');
    assert.ok(of(scene, 'mark').some((m) => m.shape === 'cross' && m.x === 250));
    assert.ok(
      of(scene, 'line').some((l) => l.dash === true && l.x1 === 250 && l.x2 === 400 && l.y1 === y + height / 2),
    );
    assert.match(targetAt(scene.targets, 150, y + 7)?.text ?? '', /deleted, was due at 0\.4 µs/);
  });

  it('shows depth as it steps, on a scale of the greatest there was', () => {
    const scene = sceneOf(
      timeline(
        itemWindow([
          [100, 4, 4],
          [200, 4, 8],
          [300, 4, 0],
        ]),
      ),
      [],
      1000,
    );
    const { y, height } = lane(scene, 'depth tx');
    const rects = of(scene, 'rect').filter((r) => r.fill === 'deviceHatch');
    assert.deepEqual(
      rects.map((r) => [r.x, r.width]),
      [
        [100, 100],
        [200, 100],
      ],
    );
    assert.equal(rects[1]?.height, 2 * (rects[0]?.height ?? 0));
    assert.ok((rects[1]?.y ?? 0) > y && (rects[1]?.y ?? 0) + (rects[1]?.height ?? 0) === y + height);
  });

  it('shows what is used and not reclaimed above what is outstanding', () => {
    const levels = [
      [100, 4, 4],
      [100, 6, 4],
      [200, 4, 1],
      [300, 6, 8],
      [400, 6, 0],
    ] as const;
    const scene = sceneOf(timeline(itemWindow(levels)), [], 1000);
    const { y, height } = lane(scene, 'depth tx');
    const rects = of(scene, 'rect').filter((r) => r.fill === 'driverHatch' || r.fill === 'deviceHatch');
    // drawn first, and so behind
    assert.deepEqual(
      rects.slice(0, 2).map((r) => [r.fill, r.x, r.width]),
      [
        ['driverHatch', 100, 200],
        ['driverHatch', 300, 100],
      ],
    );
    // of the scale that holds both
    assert.equal(rects[1]?.height, height - 4);
    assert.equal(rects[0]?.height, (height - 4) / 2);
    assert.deepEqual(targetAt(scene.targets, 350, y + 5)?.text.split(':')[0], '8 not reclaimed, used or not, on tx');
  });

  it('says where the record ends and where the machine stands, and what is found', () => {
    const t: Timeline = { ...timeline(itemWindow([], 600)), stops: [500] };
    const scene = sceneOf(t, [{ timeNs: 450, text: 'leak-1: skb 3', tick: 77 }], 1000);
    assert.ok(scene.places.some((s) => s.kind === 'line' && s.dash === true && s.x1 === 600));
    assert.ok(scene.places.some((s) => s.kind === 'text' && s.text === 'not run yet'));
    assert.deepEqual(playheadOf(t, 1000), {
      at: 500,
      time: '0.5 µs',
      side: 'middle',
      future: { x: 500, width: 100 },
    });
    const { y } = lane(scene, 'stops, findings');
    const target = targetAt(scene.targets, 450, y + 6);
    assert.deepEqual([target?.text, target?.tick], ['leak-1: skb 3', 77]);
  });

  it('keeps the time of a playhead within the plot, and shows none that is out of view', () => {
    const t = timeline(itemWindow([], 1000));
    assert.equal(playheadOf({ ...t, atNs: 3 }, 1000).side, 'start');
    assert.equal(playheadOf({ ...t, atNs: 990 }, 1000).side, 'end');
    assert.equal(playheadOf({ ...t, atNs: 1001 }, 1000).at, undefined);
    assert.equal(playheadOf({ ...t, scrub: { ns: 250, dragging: true } }, 1000).scrub, 250);
    // the whole run is 4000 ns long: its first quarter is in view
    assert.deepEqual(stripOf({ ...t, view: itemWindow([], 4000) }, 400), { at: 50, x: 0, width: 100 });
  });

  it('draws at most a few shapes a pixel, whatever the window holds', () => {
    const count = 400;
    const sums = SERIES.map((_, s) => Array.from({ length: count }, (_v, i) => 1 + ((i * 7 + s) % 3)));
    const view: TimelineWindow = {
      fromNs: 0,
      toNs: 1000,
      endNs: 1000,
      series: SERIES,
      before: SERIES.map(() => 0),
      content: { kind: 'columns', count, sums, peaks: SERIES.map(() => null) },
    };
    const scene = sceneOf(timeline(view), [], 800);
    assert.ok(scene.shapes.length < 4 * 800, `${scene.shapes.length}`);
    assert.ok(overviewShapes({ view, overview: view }, 1000, 800, 24).length < 4 * 800);
  });

  it('lists the window’s items, or sums when there are too many', () => {
    const t = timeline(
      itemWindow([
        [100, 1, 7],
        [250, 3, 1],
      ]),
    );
    assert.deepEqual(tableOf(t).rows, [
      { cells: ['0.1 µs', 'kick', 'tx', ''], tick: 200 },
      { cells: ['0.3 µs', 'noNotify', 'tx', '1'], tick: 500 },
    ]);
    assert.equal(tableOf({ ...t, fromNs: 200 }).rows.length, 1);
  });
});

describe('the timeline’s axis', () => {
  it('maps time to pixels and back, and labels round times without repeating one', () => {
    const below = random(3);
    for (let i = 0; i < 500; i++) {
      const fromNs = below(3_000_000) * (1 + below(900));
      const scale = { fromNs, toNs: fromNs + 10 + below(2 ** (1 + below(31))), width: 100 + below(1500) };
      const x = below(scale.width);
      assert.ok(Math.abs(xOf(scale, nsAt(scale, x)) - x) < 1e-3);
      const { ticks: list } = ticks(scale);
      assert.equal(new Set(list.map((t) => t.label)).size, list.length, JSON.stringify([scale, list]));
      assert.ok(list.length <= scale.width / 30 + 2, `${list.length} labels in ${scale.width} px`);
    }
  });
});

describe('the timeline’s state', () => {
  const at = (timeNs: number, furthest = 10) => ({ type: 'state', state: { ...state(), timeNs, furthest } }) as const;

  it('begins around the first stop, and follows a playhead that leaves the window', () => {
    let t = receiveTimeline(initialTimeline, at(1_000_000));
    assert.ok(t.fromNs < 1_000_000 && t.toNs > 1_000_000);
    const span = t.toNs - t.fromNs;
    t = receiveTimeline(t, at(1_000_100));
    const still = t.fromNs;
    t = receiveTimeline(t, at(9_000_000));
    assert.ok(t.fromNs !== still && t.fromNs < 9_000_000 && t.toNs > 9_000_000);
    assert.ok(Math.abs(t.toNs - t.fromNs - span) < 1e-6, 'the same zoom');
    t = receiveTimeline(t, at(20_000));
    assert.ok(t.fromNs <= 20_000 && t.toNs > 20_000);
    assert.deepEqual(t.stops, [20_000, 1_000_000, 1_000_100, 9_000_000]);
    assert.deepEqual(receiveTimeline(t, { type: 'empty', text: '' }).stops, []);
  });

  it('asks once for each window, one question at a time, and again when the run has grown', () => {
    let t = receiveTimeline(initialTimeline, at(1_000_000));
    const first = dueQuestions(t, 500);
    assert.deepEqual(
      first.map((q) => q.message.name),
      ['view', 'overview'],
    );
    for (const { key, message } of first) t = updateTimeline(t, { do: 'asked', name: message.name, key });
    t = updateTimeline(t, { do: 'zoom', aroundNs: 1_000_000, factor: 0.5 });
    assert.deepEqual(dueQuestions(t, 500), [], 'the first are not answered yet');
    for (const name of ['view', 'overview'] as const)
      t = receiveTimeline(t, { type: 'timeline', name, window: itemWindow([], 1_000_000) });
    assert.deepEqual(
      dueQuestions(t, 500).map((q) => q.message.name),
      ['view'],
    );
    const [again] = dueQuestions(t, 500);
    assert.ok(again);
    t = updateTimeline(t, { do: 'asked', name: 'view', key: again.key });
    t = receiveTimeline(t, { type: 'timeline', name: 'view', window: itemWindow([], 1_000_000) });
    assert.deepEqual(dueQuestions(t, 500), []);
    t = receiveTimeline(t, at(960_000));
    assert.deepEqual(dueQuestions(t, 500), [], 'going back in the record needs nothing new');
    t = receiveTimeline(t, at(1_000_000, 11));
    assert.deepEqual(
      dueQuestions(t, 500).map((q) => q.message.name),
      ['view'],
      'of the whole run a step is less than a pixel',
    );
    t = receiveTimeline(t, at(1_200_000, 12));
    assert.deepEqual(
      dueQuestions(t, 500).map((q) => q.message.name),
      ['view', 'overview'],
    );
  });

  it('forgets a future that was dropped, and asks anew', () => {
    let t = receiveTimeline(initialTimeline, at(1_000_000, 20));
    for (const { key, message } of dueQuestions(t, 500)) {
      t = updateTimeline(t, { do: 'asked', name: message.name, key });
      t = receiveTimeline(t, { type: 'timeline', name: message.name, window: itemWindow([], 2_000_000) });
    }
    t = receiveTimeline(t, at(1_900_000, 20));
    assert.equal(endOf(t), 2_000_000);
    // an edit at an earlier place
    t = receiveTimeline(t, at(1_100_000, 15));
    assert.equal(endOf(t), 1_100_000);
    assert.deepEqual(t.stops, [1_000_000, 1_100_000]);
    assert.deepEqual(
      dueQuestions(t, 500).map((q) => q.message.name),
      ['view', 'overview'],
    );
  });

  it('zooms around the pointer, stays within the run, and comes back from the whole of it', () => {
    let t = receiveTimeline(initialTimeline, at(1_000_000));
    const share = (1_000_000 - t.fromNs) / (t.toNs - t.fromNs);
    t = updateTimeline(t, { do: 'zoom', aroundNs: 1_000_000, factor: 0.25 });
    assert.ok(Math.abs((1_000_000 - t.fromNs) / (t.toNs - t.fromNs) - share) < 1e-9);
    for (let i = 0; i < 60; i++) t = updateTimeline(t, { do: 'zoom', aroundNs: 1_000_000, factor: 0.5 });
    assert.ok(t.toNs - t.fromNs >= 19);
    for (let i = 0; i < 80; i++) t = updateTimeline(t, { do: 'zoom', aroundNs: 1_000_000, factor: 2 });
    assert.ok(t.fromNs >= 0 && t.toNs <= 2.5 * endOf(t));
    t = updateTimeline(t, { do: 'fit' });
    assert.ok(t.fromNs === 0 && t.toNs >= endOf(t));
    t = receiveTimeline(t, at(5_000_000));
    assert.ok(t.toNs >= 5_000_000, 'it grows with the run');
    t = updateTimeline(t, { do: 'fit' });
    assert.ok(t.fromNs > 0 && t.fromNs < 5_000_000 && t.toNs > 5_000_000);
  });

  it('comes back to the window and the stops of its run, and of no other', () => {
    const first = receiveTimeline(initialTimeline, at(1_000_000));
    const left = updateTimeline(receiveTimeline(first, at(1_100_000, 20)), {
      do: 'window',
      fromNs: 400_000,
      toNs: 500_000,
    });
    const saved = restoreTimeline(JSON.parse(JSON.stringify(saveTimeline(left, state().title))));
    assert.ok(saved);
    const back = receiveTimeline({ ...initialTimeline, saved }, at(1_100_000, 20));
    assert.deepEqual([back.fromNs, back.toNs, back.stops], [400_000, 500_000, [1_000_000, 1_100_000]]);
    // a run that has not come as far is another one
    const other = receiveTimeline({ ...initialTimeline, saved }, at(1_100_000, 19));
    assert.deepEqual([other.toNs - other.fromNs, other.stops], [320_000, [1_100_000]]);
    for (const bad of [undefined, 7, {}, { ...saved, stops: ['x'] }, { ...saved, toNs: saved.fromNs }])
      assert.equal(restoreTimeline(bad), undefined);
  });

  it('keeps the dragged playhead until the machine is there', () => {
    let t = receiveTimeline(initialTimeline, at(1_000_000));
    t = updateTimeline(t, { do: 'scrub', ns: 2_000_000, dragging: true });
    assert.equal(t.scrub?.ns, 1_000_000, 'nothing is recorded beyond');
    t = updateTimeline(t, { do: 'scrub', ns: 900_000, dragging: true });
    t = receiveTimeline(t, at(950_000));
    assert.equal(t.scrub?.ns, 900_000);
    t = updateTimeline(t, { do: 'scrub', ns: 900_000, dragging: false });
    assert.equal(receiveTimeline(t, at(900_000)).scrub, undefined);
  });

  it('looks at a run under way again and again, and keeps its end in view', () => {
    let t = receiveTimeline(initialTimeline, at(1_000_000));
    const answer = (endNs: number): void => {
      for (const { key, message } of dueQuestions(t, 500)) {
        t = updateTimeline(t, { do: 'asked', name: message.name, key });
        t = receiveTimeline(t, { type: 'timeline', name: message.name, window: itemWindow([], endNs) });
      }
    };
    answer(1_000_000);
    answer(1_000_000);
    assert.deepEqual(dueQuestions(t, 500), []);
    for (const endNs of [1_100_000, 5_000_000, 9_000_000]) {
      t = updateTimeline(t, { do: 'look' });
      answer(endNs);
      answer(endNs);
      assert.deepEqual(dueQuestions(t, 500), [], 'until the next look');
    }
    t = updateTimeline(t, { do: 'look' });
    assert.ok(t.fromNs < 9_000_000 && t.toNs > 9_000_000);
  });

  it('has a key for every way to move', () => {
    const t = timeline(itemWindow([]));
    const key = (name: string, shiftKey = false) => keyTo({ key: name, shiftKey }, t);
    assert.deepEqual(key('ArrowRight'), { type: 'goToTime', ns: 520 });
    assert.deepEqual(key('ArrowLeft', true), { do: 'pan', share: -0.1 });
    assert.deepEqual(key('Home'), { type: 'goToTime', ns: 0 });
    assert.deepEqual(key('End'), { type: 'goToTime', ns: 1000 });
    assert.deepEqual(key('K', true), { type: 'goToMark', what: ['kick', 'kickSuppressed'], forward: false });
    assert.deepEqual(key('f'), { do: 'fit' });
    assert.equal(key('q'), undefined);
    assert.equal(keyTo({ key: 'k', ctrlKey: true }, t), undefined);
  });
});
