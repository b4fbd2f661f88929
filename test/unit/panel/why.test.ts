// Why nothing moves, in parts; what decides a notification, as a window; and what the page asks when the selection changes.
import assert from 'node:assert/strict';
import { composePanelState } from '../../../src/panel/compose';
import { checkToPanel, type PanelState } from '../../../src/panel/protocol';
import { needEvent } from '../../../src/virtqueue';
import { type Action, initialModel, type Model, questions, update } from '../../../webview/state';
import { eventWindow, formula } from '../../../webview/window';
import { captured, ringFull, type Scene } from '../../support/panel-states';

const compose = ({ stop, ctx }: Scene): PanelState => composePanelState(stop, ctx);
const queueOf = (state: PanelState, name: string): PanelState['queues'][number] =>
  state.queues.find((q) => q.ring.name === name) ?? assert.fail(name);

describe('panel: why nothing moves', () => {
  it('is the sentence in clauses, in its order, each with what it was derived from', () => {
    const { sentence, clauses, waits } = queueOf(compose(ringFull()), 'tx');
    let at = -1;
    for (const { text } of clauses) {
      const found = sentence.toLowerCase().indexOf(text.toLowerCase(), at + 1);
      assert.ok(found > at, `${text} in ${sentence}`);
      at = found;
    }
    const from = (text: RegExp): readonly string[] =>
      clauses.find((c) => text.test(c.text))?.from ?? assert.fail(`no clause ${text}`);
    assert.deepEqual(from(/inside a VM exit/), ['vCPU 0', 'QEMU vCPU thread']);
    assert.deepEqual(from(/4 exposed buffers/), ['avail.idx', 'last_avail_idx']);
    assert.deepEqual(from(/skb 25/), ['skb 25']);
    assert.deepEqual(waits, {
      who: { name: 'vCPU 0', side: 'driver' },
      whom: { name: 'QEMU vCPU thread', side: 'device' },
    });
  });

  it('has no clause where the ring is broken: nothing counted from it means anything', () => {
    const { stop, ctx } = ringFull();
    const queues = stop.queues.map((q) => (q.name === 'tx' ? { ...q, size: 4 } : q));
    const { clauses, sentence, waits } = queueOf(composePanelState({ ...stop, queues }, ctx), 'tx');
    assert.deepEqual([clauses, waits], [[], undefined]);
    assert.match(sentence, /^Problem in the ring/);
  });
});

describe('panel: what decides a notification', () => {
  it('tells the flag with its last write, when that is among the recent changes', () => {
    const { kick, interrupt } = queueOf(compose(ringFull()), 'tx').notifications;
    assert.deepEqual(kick.basis, { kind: 'flags', name: 'NO_NOTIFY', set: false });
    assert.equal(kick.written, undefined);
    assert.deepEqual(interrupt.written, {
      author: 'driver',
      timeNs: 1_311_000,
      position: { tick: 23013, sub: 0 },
      source: { label: 'virtio_ring.c:217', path: '/project/driver/virtio_ring.c', line: 217 },
    });
  });

  it('is the window of an event index, whose event lies in it exactly when the notification is due', () => {
    const { kick } = queueOf(compose(captured()), 'tx').notifications;
    assert.equal(kick.basis?.kind, 'event');
    for (const [event, old, next] of [
      [3, 1, 2],
      [1, 1, 2],
      [65535, 65534, 2],
      [0, 65534, 2],
      [2, 65534, 2],
      [65516, 65532, 65533],
      [100, 5, 6],
      [5, 100, 300],
      [150, 100, 300],
    ] as const) {
      const basis = { kind: 'event', name: 'avail_event', event, old, next } as const;
      const w = eventWindow(basis);
      assert.equal(w.event >= w.from && w.event < w.to, needEvent(event, next, old), JSON.stringify([basis, w]));
      for (const x of [w.event, w.from, w.to, ...w.ticks]) assert.ok(x >= 0 && x <= 100, `${x} %`);
    }
  });

  it('shows vring_need_event with its values', () => {
    assert.equal(
      formula({ kind: 'event', name: 'avail_event', event: 65532, old: 1, next: 2 }),
      '(u16)(2 − 65532 − 1) = 5 < (u16)(2 − 1) = 1',
    );
  });
});

describe('panel page: the selected skb', () => {
  const play = (model: Model, ...actions: readonly Action[]): Model => actions.reduce(update, model);
  const state = compose(ringFull());
  const shown = play(initialModel, { do: 'message', message: { type: 'state', state } });
  const selected = play(shown, { do: 'select', selection: { queue: 'tx', head: 9 } });
  const bytes = { skb: 20, position: state.position, parts: [], hex: '00', length: 1, fields: [] };

  it('is asked for when it is selected, by its chain too, and again at each stop', () => {
    assert.deepEqual(questions(shown, selected), [{ type: 'readSkb', id: 20 }]);
    assert.deepEqual(questions(selected, play(selected, { do: 'follow', on: false })), []);
    const later = play(selected, { do: 'message', message: { type: 'state', state: { ...state } } });
    assert.deepEqual(questions(selected, later), [{ type: 'readSkb', id: 20 }]);
    assert.deepEqual(questions(selected, play(selected, { do: 'select', selection: undefined })), []);
  });

  it('shows the answer for this skb at this place, and no other', () => {
    const answer = (of: object): Model =>
      play(selected, { do: 'message', message: { type: 'skbBytes', bytes: { ...bytes, ...of } } });
    assert.equal(answer({}).bytes?.skb, 20);
    assert.equal(answer({ skb: 21 }).bytes, undefined);
    assert.equal(answer({ position: { tick: 1, sub: 0 } }).bytes, undefined);
  });

  it('keeps what it shows until the next answer, and drops it with the selection', () => {
    const open = play(selected, { do: 'message', message: { type: 'skbBytes', bytes } });
    const next = play(open, { do: 'message', message: { type: 'state', state: { ...state, skbs: [...state.skbs] } } });
    assert.equal(next.bytes, bytes);
    assert.equal(play(next, { do: 'select', selection: undefined }).bytes, undefined);
    const gone = { ...state, skbs: state.skbs.filter(({ id }) => id !== 20) };
    assert.equal(play(open, { do: 'message', message: { type: 'state', state: gone } }).bytes, undefined);
  });

  it('is checked on its way', () => {
    assert.deepEqual(checkToPanel({ type: 'skbBytes', bytes }), { ok: true, message: { type: 'skbBytes', bytes } });
    const bad = checkToPanel({ type: 'skbBytes', bytes: { ...bytes, hex: '0' } });
    assert.match(bad.ok ? '' : bad.error, /skbBytes\.bytes\.hex: expected bytes in hex/);
  });
});
