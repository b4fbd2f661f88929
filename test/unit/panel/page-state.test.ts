// The page's own state: which queue, rows and chain are in view after each message and each choice of the reader.
import assert from 'node:assert/strict';
import { composePanelState } from '../../../src/panel/compose';
import type { PanelQueue, PanelState } from '../../../src/panel/protocol';
import { highlight } from '../../../webview/chain';
import { ago, descriptorFlags, duration, grouped, perBuffer, placeInRing, ringFlags } from '../../../webview/format';
import { descriptorRows } from '../../../webview/rows';
import {
  type Action,
  initialModel,
  type Model,
  restore,
  ROW_HEIGHT,
  save,
  update,
  VIEW_ROWS,
} from '../../../webview/state';
import { captured, ringFull, type Scene } from '../../support/panel-states';

const compose = ({ stop, ctx }: Scene): PanelState => composePanelState(stop, ctx);
const play = (model: Model, ...actions: readonly Action[]): Model => actions.reduce(update, model);
const shown = (state: PanelState): Model => play(initialModel, { do: 'message', message: { type: 'state', state } });

function queueOf(state: PanelState, name: string): PanelQueue {
  const queue = state.queues.find((q) => q.ring.name === name);
  assert.ok(queue);
  return queue;
}

describe('panel page: state', () => {
  it('begins with the transmit queue, and keeps the reader’s choice from then on', () => {
    const state = compose(ringFull());
    const model = shown(state);
    assert.equal(model.ui.tab, 'tx');
    const later = play(model, { do: 'tab', name: 'rx' }, { do: 'message', message: { type: 'state', state } });
    assert.equal(later.ui.tab, 'rx');
  });

  it('begins another session with the queue of its packet, and the same one as the reader left it', () => {
    const state = compose(ringFull());
    const received: PanelState = {
      ...state,
      title: 'RX: one packet',
      skbs: state.skbs.map((skb) => ({ ...skb, direction: 'rx', queue: 'rx' })),
    };
    const ended = { do: 'message', message: { type: 'empty', text: 'Press F5' } } as const;
    const begun = (of: PanelState): Action => ({ do: 'message', message: { type: 'state', state: of } });
    const other = play(shown(state), ended, begun(received));
    assert.equal(other.ui.tab, 'rx');
    const filling: PanelState = {
      ...received,
      title: 'at the first kick',
      skbs: [],
      changes: state.changes.map((change) => ({ ...change, queue: 'rx' })),
    };
    assert.equal(play(shown(state), ended, begun(filling)).ui.tab, 'rx', 'without a packet');
    const chosen = play(other, { do: 'tab', name: 'tx' });
    assert.equal(play(chosen, ended, begun(received)).ui.tab, 'tx', 'restarted');
    const reloaded = { ...initialModel, ui: restore(save(chosen.ui)) };
    assert.equal(play(reloaded, begun(received)).ui.tab, 'tx', 'reloaded');
    assert.equal(play(chosen, begun(state)).ui.tab, 'tx', 'another session beside it');
  });

  it('keeps the last good state below an error, and drops the error with the next state', () => {
    const state = compose(ringFull());
    const failed = play(shown(state), { do: 'message', message: { type: 'error', text: 'the worker died' } });
    assert.equal(failed.error, 'the worker died');
    assert.equal(failed.panel, state);
    const again = play(failed, { do: 'message', message: { type: 'state', state } });
    assert.equal(again.error, undefined);
  });

  it('is empty again when the session is over', () => {
    const over = play(shown(compose(ringFull())), { do: 'message', message: { type: 'empty', text: 'Press F5' } });
    assert.equal(over.panel, undefined);
    assert.equal(over.empty, 'Press F5');
    assert.equal(over.again, undefined, 'nothing is known to be run again');
    const offered = play(over, {
      do: 'message',
      message: { type: 'empty', text: 'Press F5', again: 'TX: one packet' },
    });
    assert.equal(offered.again, 'TX: one packet');
  });

  it('brings what changed into view when it follows, and leaves the tables alone when it does not', () => {
    const state = compose(ringFull());
    // the last change of the used ring is in slot 14: beyond the first rows
    assert.ok(VIEW_ROWS.used < 15);
    const model = shown(state);
    assert.equal(model.ui.scroll.used, (14 - VIEW_ROWS.used + 2) * ROW_HEIGHT);
    assert.ok(model.ui.scrollTo.includes('used'));
    const still = play(
      model,
      { do: 'scroll', grid: 'used', top: 0 },
      { do: 'follow', on: false },
      { do: 'message', message: { type: 'state', state } },
    );
    assert.equal(still.ui.scroll.used, 0);
  });

  it('opens a queue where its indices stand', () => {
    const state = compose(captured());
    // avail.idx 1906 of 256 slots: the newest entry is in slot 113
    const model = play(shown(state), { do: 'tab', name: 'rx' });
    assert.equal(model.ui.scroll.avail, (113 - VIEW_ROWS.avail + 2) * ROW_HEIGHT);
    const read = play(
      model,
      { do: 'scroll', grid: 'avail', top: 0 },
      { do: 'message', message: { type: 'state', state } },
    );
    assert.equal(read.ui.scroll.avail, 0);
  });

  it('shows an skb’s chain: its queue comes into view, its descriptors and slots light up', () => {
    const state = compose(ringFull());
    const model = play(
      shown(state),
      { do: 'tab', name: 'rx' },
      { do: 'select', selection: { queue: 'tx', head: 9, skb: 20 } },
    );
    assert.equal(model.ui.tab, 'tx');
    const lit = highlight(state, queueOf(state, 'tx'), model.ui.selected);
    assert.deepEqual([...lit.descriptors], [9, 10]);
    assert.deepEqual([...lit.availSlots], [15]);
    assert.deepEqual([...lit.usedSlots], []);
    assert.deepEqual([...lit.skbs], [20]);
  });

  it('clears a selection that is made again', () => {
    const selection = { queue: 'tx', head: 9 };
    const model = play(shown(compose(ringFull())), { do: 'select', selection }, { do: 'select', selection });
    assert.equal(model.ui.selected, undefined);
  });

  it('shows a chain of one queue in no other', () => {
    const state = compose(ringFull());
    const lit = highlight(state, queueOf(state, 'rx'), { queue: 'tx', head: 9 });
    assert.equal(lit.descriptors.size, 0);
  });

  it('lists the descriptors of one owner, with their indirect tables folded out', () => {
    const queue = queueOf(compose(ringFull()), 'tx');
    assert.equal(descriptorRows(queue, 'all', []).count, 16);
    const taken = descriptorRows(queue, 'taken', []);
    assert.deepEqual([taken.count, taken.at(0).index, taken.at(1).index], [2, 9, 10]);
    const [first] = queue.ring.descriptors;
    assert.ok(first);
    const indirect = {
      ...queue,
      ring: {
        ...queue.ring,
        descriptors: [{ ...first, indirect: [first, first] }, ...queue.ring.descriptors.slice(1)],
      },
    };
    const rows = descriptorRows(indirect, 'all', [0]);
    assert.equal(rows.count, 18);
    assert.deepEqual(
      [rows.at(1), rows.at(2), rows.at(3)],
      [{ index: 0, entry: 0 }, { index: 0, entry: 1 }, { index: 1 }],
    );
  });

  it('keeps every row of a large ring reachable by keyboard', () => {
    const state = compose(captured());
    const model = play(shown(state), { do: 'tab', name: 'rx' }, { do: 'active', grid: 'desc', row: 255 });
    assert.equal(model.ui.scroll.desc, (255 - VIEW_ROWS.desc + 2) * ROW_HEIGHT);
    const back = play(model, { do: 'active', grid: 'desc', row: 0 });
    assert.equal(back.ui.scroll.desc, 0);
  });

  it('survives hiding and reloading, and a saved state that makes no sense', () => {
    const model = play(shown(compose(ringFull())), { do: 'tab', name: 'rx' }, { do: 'filter', filter: 'used' });
    const again = restore(JSON.parse(JSON.stringify(save(model.ui))));
    assert.equal(again.tab, 'rx');
    assert.equal(again.filter, 'used');
    for (const nonsense of [null, 7, 'x', [], { tab: 3, filter: 'nobody', follow: 'no' }]) {
      assert.equal(restore(nonsense).filter, 'all');
      assert.equal(restore(nonsense).tab, '');
    }
  });
});

describe('panel page: words and numbers', () => {
  it('writes virtual time in the unit that can be read', () => {
    assert.deepEqual([0, 100, 98_200, 1_314_400, 352_118_000, 1_250_000_000].map(duration), [
      '0.0 µs',
      '0.1 µs',
      '98.2 µs',
      '1314.4 µs',
      '352.118 ms',
      '1.250 s',
    ]);
  });

  it('writes a span in nine characters at most', () => {
    const spans = [12, 714_800, 999_900, 1_314_400, 352_118_000, 1_250_000_000].map(ago);
    assert.deepEqual(spans, ['12 ns', '714.8 µs', '999.9 µs', '1.3 ms', '352.1 ms', '1.3 s']);
    assert.ok(spans.every((span) => span.length <= 9));
  });

  it('groups digits and forms ratios', () => {
    assert.equal(grouped(1_000_000), '1\u2009000\u2009000');
    assert.equal(perBuffer(7, 24), ', 0.29 per buffer');
    assert.equal(perBuffer(8, 2048), ', 0.0039 per buffer');
    assert.equal(perBuffer(0, 5), ', 0.00 per buffer');
    assert.equal(perBuffer(7, 0), '');
  });

  it('names flags and keeps bits that have no name', () => {
    assert.equal(descriptorFlags(0), '0');
    assert.equal(descriptorFlags(3), 'NEXT WRITE');
    assert.equal(descriptorFlags(0x8004), 'INDIRECT 0x8000');
    assert.equal(ringFlags(1, 'NO_NOTIFY'), 'NO_NOTIFY');
    assert.equal(ringFlags(3, 'NO_INTERRUPT'), 'NO_INTERRUPT 0x0002');
  });

  it('turns a guest-physical field into a guest pointer, above 4 GiB too, and outside pointers into nothing', () => {
    assert.deepEqual(placeInRing('0x2010000', 2, 2, '0x2000000'), { address: 0x10002, size: 2 });
    assert.deepEqual(placeInRing('0x100010000', 4, 8, '0x100000000'), { address: 0x10004, size: 8 });
    assert.equal(placeInRing('0x1000', 0, 2, '0x2000000'), undefined);
    assert.equal(placeInRing('0x1000000000', 0, 2, '0x0'), undefined);
  });
});
