// The drawn ring as numbers: slots to angles and back at any size, states that are never lost, hands and labels apart.
import assert from 'node:assert/strict';
import { composePanelState } from '../../../src/panel/compose';
import type { PanelQueue, SlotState } from '../../../src/panel/protocol';
import { highlight } from '../../../webview/chain';
import { handsOf } from '../../../webview/hands';
import { trackArcs } from '../../../webview/ring/arcs';
import { chainPaths } from '../../../webview/ring/chain-paths';
import { initialRing, reveal, spanOf, zoom } from '../../../webview/ring/follow';
import { placeHands } from '../../../webview/ring/labels';
import { angleOf, END, EVEN, inLens, type Lens, makeScale, slotAt, START } from '../../../webview/ring/scale';
import { point, sector, slotUnder, TRACKS } from '../../../webview/ring/shapes';
import { slotTexts } from '../../../webview/ring/texts';
import { slotActions, slotLine, slotWords } from '../../../webview/slots';
import { captured, largest, ringFull, type Scene } from '../../support/panel-states';

const SIZES = [1, 2, 16, 32, 33, 64, 256, 1024, 32768];
const lensesOf = (size: number): Lens[] =>
  [0, 3, Math.floor(size / 2), size - 1].flatMap((center) => [4, 12, 64].map((span) => ({ center, span })));

function tx(scene: Scene): PanelQueue {
  const queue = composePanelState(scene.stop, scene.ctx).queues.find((q) => q.ring.name === 'tx');
  assert.ok(queue);
  return queue;
}

describe('panel ring: slots and angles', () => {
  it('gives every slot a place of its own, in order, wherever the lens stands', () => {
    for (const size of SIZES)
      for (const lens of lensesOf(size)) {
        const scale = makeScale(size, lens);
        assert.equal(scale.pieces[0]?.start, START);
        assert.ok(Math.abs((scale.pieces.at(-1)?.end ?? 0) - END) < 1e-9);
        const step = Math.max(1, Math.floor(size / 500));
        let last = -1;
        for (let slot = 0; slot < size; slot += step) {
          const angle = angleOf(scale, slot);
          assert.ok(angle > last, `${size} entries, slot ${slot}`);
          last = angle;
          assert.equal(slotAt(scale, angleOf(scale, slot + 0.5)), slot, `${size} entries, slot ${slot}`);
        }
      }
  });

  it('has no slot in the gap', () => {
    const scale = makeScale(256, { center: 0, span: 12 });
    for (const angle of [0, START - 0.1, END, 359]) assert.equal(slotAt(scale, angle), undefined);
  });

  it('gives the lens its share, over the wrap too', () => {
    const scale = makeScale(1024, { center: 0, span: 12 });
    assert.equal(scale.pieces.length, 3);
    const width = (slot: number): number => angleOf(scale, slot + 1 - 1e-9) - angleOf(scale, slot);
    for (const slot of [1018, 1023, 0, 5]) assert.ok(width(slot) > 15, `slot ${slot}: ${width(slot)} degrees`);
    assert.ok(width(512) < 0.2);
  });

  it('needs no lens up to 32 entries', () => {
    const scale = makeScale(EVEN, { center: 9, span: 12 });
    assert.equal(scale.pieces.length, 1);
  });

  it('finds the slot under a point', () => {
    const even = makeScale(16, { center: 0, span: 12 });
    const scales = { desc: even, avail: even, used: even };
    const at = (track: keyof typeof TRACKS, slot: number): readonly [number, number] => {
      const [inner, outer] = TRACKS[track];
      return point((inner + outer) / 2, angleOf(even, slot + 0.5));
    };
    for (const track of ['desc', 'avail', 'used'] as const)
      for (const slot of [0, 5, 15]) assert.deepEqual(slotUnder(scales, ...at(track, slot)), { track, slot });
    assert.equal(slotUnder(scales, ...point(5, 90)), undefined);
    assert.equal(slotUnder(scales, ...point((TRACKS.avail[0] + TRACKS.avail[1]) / 2, 0)), undefined);
  });
});

describe('panel ring: the lens', () => {
  const ring = { ...initialRing, center: { rings: 100, desc: 100 } };

  it('stays while a slot is well inside, and moves so that what follows is in view', () => {
    assert.equal(reveal(ring, 256, { track: 'avail', slot: 101 }), ring);
    const moved = reveal(ring, 256, { track: 'avail', slot: 120 });
    assert.equal(moved.center.desc, 100, 'descriptors do not count by index');
    const lens = { center: moved.center.rings, span: spanOf(moved, 256) };
    for (const slot of [120, 121, 122]) assert.ok(inLens(256, lens, slot), `slot ${slot}`);
  });

  it('follows an index over the wrap without losing it', () => {
    let at = ring;
    for (let slot = 240; slot < 300; slot++) {
      at = reveal(at, 256, { track: 'used', slot: slot % 256 });
      assert.ok(inLens(256, { center: at.center.rings, span: spanOf(at, 256) }, slot % 256), `slot ${slot % 256}`);
    }
  });

  it('zooms about a slot, from four slots to the whole ring and no further', () => {
    let at = ring;
    for (let i = 0; i < 12; i++) at = zoom(at, 256, 2, { track: 'avail', slot: 7 });
    assert.equal(spanOf(at, 256), 256);
    for (let i = 0; i < 12; i++) at = zoom(at, 256, 0.5, { track: 'avail', slot: 7 });
    assert.equal(spanOf(at, 256), 4);
    assert.ok(inLens(256, { center: at.center.rings, span: 4 }, 7));
  });
});

describe('panel ring: what a track shows', () => {
  const lens: Lens = { center: 0, span: 12 };

  it('draws each slot by itself where there is room, and few arcs elsewhere, at any size', () => {
    for (const size of SIZES) {
      const states = new Array<SlotState>(size).fill('available');
      const { cells, arcs } = trackArcs(makeScale(size, lens), states);
      // just above 32 the others still have room
      assert.equal(cells.length, size <= 33 ? size : 12);
      assert.ok(arcs.length <= 2, `${size} entries: ${arcs.length} arcs of one state`);
    }
  });

  it('never loses the one slot that differs among thousands', () => {
    for (const size of [256, 1024, 32768]) {
      const states = new Array<SlotState>(size).fill('available');
      states[Math.floor(size * 0.6)] = 'taken';
      const { arcs } = trackArcs(makeScale(size, lens), states);
      const taken = arcs.filter(({ state }) => state === 'taken');
      assert.equal(taken.length, 1);
      const [arc] = taken;
      assert.ok(arc && arc.outer - arc.inner > 0.2 && arc.end - arc.start > 0.8, JSON.stringify(arc));
    }
  });

  it('covers the whole track: no gap and no overlap', () => {
    const states = Array.from({ length: 1024 }, (_, i): SlotState => (i % 7 === 0 ? 'taken' : i % 3 ? 'free' : 'used'));
    const { cells, arcs } = trackArcs(makeScale(1024, lens), states);
    const area =
      cells.reduce((sum, c) => sum + c.end - c.start, 0) +
      arcs.reduce((sum, a) => sum + (a.end - a.start) * (a.outer - a.inner), 0);
    assert.ok(Math.abs(area - (END - START)) < 1e-6, `${area} of ${END - START} degrees`);
  });

  it('writes number and letter of a descriptor, and the head of an entry', () => {
    const queue = tx(ringFull());
    const scale = makeScale(16, lens);
    const texts = (track: 'desc' | 'avail'): string[] =>
      slotTexts(
        queue,
        track,
        trackArcs(scale, track === 'desc' ? queue.ring.descriptors.map((d) => d.owner) : queue.availSlots).cells,
      ).map(({ text }) => text);
    assert.deepEqual(texts('desc').slice(18, 22), ['9', 'T', '10', 'T']);
    assert.deepEqual(texts('avail').slice(0, 4), ['4', '7', '12', '14']);
  });

  it('makes paths of finite numbers', () => {
    for (const d of [sector(50, 83, START, END), sector(50, 83, 0, 0.5)]) assert.match(d, /^M[-\d. MLAZ]+Z$/);
  });
});

describe('panel ring: hands', () => {
  it('stand on the edge of the slot their index names, each to its own track', () => {
    const scene = ringFull();
    const scale = makeScale(16, { center: 0, span: 12 });
    const hands = placeHands(handsOf(tx(scene), '0x2000000'), scale);
    const by = new Map(hands.map((placed) => [placed.hand.name, placed]));
    assert.deepEqual([...by.keys()].sort(), ['avail.idx', 'last_avail_idx', 'last_used_idx', 'used.idx']);
    assert.equal(by.get('avail.idx')?.angle, angleOf(scale, 4));
    assert.equal(by.get('used.idx')?.angle, angleOf(scale, 15));
    assert.equal(by.get('used.idx')?.inner, TRACKS.used[0]);
  });

  it('name all of them when all meet, and leave no two labels in one place', () => {
    const scene = captured();
    const hands = placeHands(handsOf(tx(scene), '0x2000000'), makeScale(256, { center: 121, span: 12 }));
    const labels = hands.flatMap(({ label }) => (label ? [`${label.x} ${label.y}`] : []));
    assert.equal(new Set(labels).size, labels.length);
    const angles = hands.map(({ angle }) => angle.toFixed(3));
    assert.equal(new Set(angles).size, hands.length, 'hands of one slot stand apart');
    for (const { hand, label } of hands) assert.ok(label ?? hand.event, `${hand.name} has a name`);
  });

  it('leave out what nobody knows', () => {
    const { stop, ctx } = ringFull();
    const names = handsOf(tx({ stop, ctx: { ...ctx, overlay: undefined } }), '0x2000000').map(({ name }) => name);
    assert.ok(!names.includes('last_used_idx'));
    assert.ok(names.includes('used.idx'));
  });
});

describe('panel ring: slots in words', () => {
  it('tells value, state, bytes and section', () => {
    const queue = tx(ringFull());
    assert.deepEqual(slotWords(queue, { track: 'used', slot: 14 }), {
      name: 'used.ring[14]',
      value: '{ id 3, len 110 }',
      state: 'used',
      bytes: '03 00 00 00  6e 00 00 00',
      section: 'struct virtq_used_elem, spec 2.7.8',
    });
    assert.equal(slotWords(queue, { track: 'avail', slot: 3 }).bytes, '0e 00');
    assert.equal(
      slotLine(queue, { track: 'desc', slot: 9 }),
      'desc[9] = { addr 0x2081728, len 12, flags NEXT, next 10 }, taken by the device',
    );
    assert.equal(
      slotWords(queue, { track: 'desc', slot: 9 }).bytes,
      '28 17 08 02 00 00 00 00  0c 00 00 00  01 00  0a 00',
    );
  });

  it('offers breakpoints on the slot and its fields', () => {
    const { stop, ctx } = ringFull();
    const state = composePanelState(stop, ctx);
    const queue = tx(ringFull());
    const labels = slotActions(state, queue, { track: 'used', slot: 2 }).map(({ label }) => label);
    assert.deepEqual(labels, [
      'Break on write to used.ring[2]',
      'Who last wrote used.ring[2]? ([)',
      'Run to the next write of used.ring[2] (])',
      'Break on write to used.ring[2].id',
      'Break on write to used.ring[2].len',
    ]);
  });

  it('draws a chain from its entry to its last descriptor', () => {
    const { stop, ctx } = ringFull();
    const state = composePanelState(stop, ctx);
    const queue = tx(ringFull());
    const scale = makeScale(16, { center: 0, span: 12 });
    const lit = highlight(state, queue, { queue: 'tx', head: 9 });
    assert.equal(chainPaths(queue, lit, { desc: scale, avail: scale, used: scale }).length, 2);
  });

  it('does not run away with a chain that loops, nor with a head out of range', () => {
    const queue = tx(largest());
    const looping = {
      ...queue,
      ring: { ...queue.ring, descriptors: queue.ring.descriptors.map((d) => ({ ...d, flags: 1, next: 0 })) },
    };
    const scale = makeScale(32768, { center: 0, span: 8 });
    const scales = { desc: scale, avail: scale, used: scale };
    const lit = {
      head: 5,
      availSlots: new Set([5]),
      usedSlots: new Set<number>(),
      descriptors: new Set([5]),
      skbs: new Set<number>(),
    };
    assert.equal(chainPaths(looping, lit, scales).length, 65);
    assert.deepEqual(chainPaths(looping, { ...lit, head: 40000 }, scales), []);
  });
});
