// The panel's state composed from a stop: owners, slots, places, notifications and links are true to the bytes.
import assert from 'node:assert/strict';
import type { Change, SkbView, StopState } from '../../../src/machine';
import { composePanelState } from '../../../src/panel/compose';
import { checkToPanel, type PanelQueue, type PanelState } from '../../../src/panel/protocol';
import { SKB_PLACES } from '../../../src/panel/skb-bytes';
import {
  captured,
  contextFor,
  fullRing,
  newRam,
  OVERLAY,
  ringFull,
  type Scene,
  stopWith,
  writeOverlay,
  writeRing,
} from '../../support/panel-states';

const compose = ({ stop, ctx }: Scene): PanelState => composePanelState(stop, ctx);

function queueOf(state: PanelState, name: string): PanelQueue {
  const queue = state.queues.find((q) => q.ring.name === name);
  assert.ok(queue, `no queue ${name}`);
  return queue;
}

/** The full ring of the fixture with the driver's last_used_idx moved on. */
function reclaimedTo(lastUsedIdx: number, previous?: PanelState): PanelQueue {
  const ram = newRam();
  const tx = writeRing(ram, fullRing());
  writeOverlay(ram, { lastUsedIdx, numAdded: 0, numFree: 4, freeHead: 0 });
  const ctx = { ...contextFor(ram, () => OVERLAY), previous };
  return queueOf(composePanelState(stopWith([tx]), ctx), 'tx');
}

describe('panel: composing the state', () => {
  it('is JSON, and what the page accepts', () => {
    for (const scene of [ringFull(), captured()]) {
      const state = compose(scene);
      const sent: unknown = JSON.parse(JSON.stringify({ type: 'state', state }));
      assert.deepEqual(checkToPanel(sent), { ok: true, message: sent });
    }
  });

  it('decodes the ring at the queue’s own addresses, both sides’ progress with it', () => {
    const { ring } = queueOf(compose(ringFull()), 'tx');
    assert.equal(ring.avail.idx, 4);
    assert.equal(ring.used.idx, 65535);
    assert.deepEqual(ring.progress, { lastAvailIdx: 0, lastUsedIdx: 65532, numAdded: 0, numFree: 0, freeHead: 0 });
    assert.deepEqual(ring.problems, []);
    assert.equal(ring.descriptors[9]?.len, 12);
    assert.equal(ring.layout.desc, '0x2010000');
  });

  it('leaves the driver’s private values out when nothing is known of them', () => {
    const { stop, ctx } = ringFull();
    const tx = queueOf(composePanelState(stop, { ...ctx, overlay: undefined }), 'tx');
    assert.deepEqual(tx.ring.progress, { lastAvailIdx: 0 });
    assert.deepEqual(tx.places, {});
    assert.equal(tx.ring.descriptors[1]?.owner, 'used');
  });

  it('ignores a private field that lies outside RAM', () => {
    const { stop, ctx } = ringFull();
    const overlay = (): typeof OVERLAY => ({ lastUsedIdx: { address: ctx.ram.length - 1, size: 2 } });
    const tx = queueOf(composePanelState(stop, { ...ctx, overlay }), 'tx');
    assert.equal(tx.ring.progress.lastUsedIdx, undefined);
  });

  it('tells live slots from those of an earlier turn of the ring', () => {
    const tx = queueOf(compose(ringFull()), 'tx');
    // heads 4 7 12 14 wait; head 9 (slot 15) is taken; slots 4 to 11 hold old heads, some of them in flight again
    assert.deepEqual(tx.availSlots.slice(0, 4), ['available', 'available', 'available', 'available']);
    assert.equal(tx.availSlots[15], 'taken');
    assert.deepEqual(new Set(tx.availSlots.slice(4, 12)), new Set(['stale']));
    assert.deepEqual(
      tx.usedSlots.map((state, slot) => (state === 'stale' ? -1 : slot)).filter((slot) => slot >= 0),
      [12, 13, 14],
    );
  });

  it('gives used chains back to the driver as it reads them, and marks those of this step', () => {
    const before = { queues: [{ ring: { name: 'tx', progress: { lastUsedIdx: 65532 } } }] } as unknown as PanelState;
    const tx = reclaimedTo(65534, before);
    const owner = (i: number): string | undefined => tx.ring.descriptors[i]?.owner;
    // heads 1 and 0 were read since the previous stop, head 3 was not
    assert.deepEqual([owner(1), owner(5), owner(0), owner(2)], ['reclaimed', 'reclaimed', 'reclaimed', 'reclaimed']);
    assert.deepEqual([owner(3), owner(8)], ['used', 'used']);
    assert.deepEqual(tx.usedSlots.slice(12, 15), ['reclaimed', 'reclaimed', 'used']);
  });

  it('calls them free at the next stop, and after a step back', () => {
    const same = { queues: [{ ring: { name: 'tx', progress: { lastUsedIdx: 65534 } } }] } as unknown as PanelState;
    const later = { queues: [{ ring: { name: 'tx', progress: { lastUsedIdx: 65535 } } }] } as unknown as PanelState;
    for (const previous of [same, later, undefined]) {
      const tx = reclaimedTo(65534, previous);
      assert.equal(tx.ring.descriptors[1]?.owner, 'free');
      assert.equal(tx.ring.descriptors[1]?.chain, undefined);
      assert.equal(tx.ring.descriptors[3]?.owner, 'used');
    }
  });

  it('guesses nothing from a last_used_idx that cannot be one', () => {
    const tx = reclaimedTo(1000);
    assert.equal(tx.ring.descriptors[1]?.owner, 'used');
  });

  it('finds added buffers by num_added, and without it by their owners', () => {
    for (const overlay of [OVERLAY, undefined]) {
      const ram = newRam();
      const spec = fullRing();
      const owners = [...spec.owners];
      for (const d of [14, 15]) owners[d] = 'added';
      writeOverlay(ram, { lastUsedIdx: 65532, numAdded: 1, numFree: 0, freeHead: 0 });
      // head 14 is written into slot 3 but avail.idx has not passed it
      const view = writeRing(ram, { ...spec, owners, avail: { ...spec.avail, idx: 3 } });
      const tx = queueOf(
        composePanelState(
          stopWith([view]),
          contextFor(ram, () => overlay),
        ),
        'tx',
      );
      assert.deepEqual(tx.availSlots.slice(0, 5), ['available', 'available', 'available', 'added', 'stale']);
    }
  });

  it('says in words where each skb is', () => {
    const state = compose(ringFull());
    const where = (id: number): string | undefined => state.skbs.find((skb) => skb.id === id)?.where;
    assert.equal(where(17), 'head 1, used.ring[12], to be freed');
    assert.equal(where(20), 'head 9, taken by the device');
    assert.equal(where(21), 'head 4, avail.ring[0], waiting');
    assert.equal(where(25), 'with the driver, not in the ring');
  });

  it('calls an skb reclaimed once the driver has read its used entry, where that can be told', () => {
    const { stop, ctx } = ringFull();
    writeOverlay(ctx.ram, { lastUsedIdx: 65534, numAdded: 0, numFree: 4, freeHead: 0 });
    const places = (more: Partial<Scene['ctx']>): unknown =>
      [17, 18, 19].map((id) => composePanelState(stop, { ...ctx, ...more }).skbs.find((skb) => skb.id === id)?.place);
    assert.deepEqual(places({}), ['reclaimed', 'reclaimed', 'used']);
    assert.deepEqual(places({ overlay: undefined }), ['used', 'used', 'used']);
  });

  it('links the frames of a host thread to the shipped source of its model', () => {
    const { stop, ctx } = ringFull();
    const frames = [
      { function: 'flush', file: 'qemu-net.ts', line: 88, locals: {} },
      { function: 'vcpuThread', file: 'qemu-timer.ts', line: 41, locals: {} },
    ];
    const threads = stop.threads.map((thread) => (thread.kind === 'host' ? { ...thread, frames } : thread));
    const framesOf = (more: Partial<Scene['ctx']>): unknown =>
      composePanelState({ ...stop, threads }, { ...ctx, ...more }).threads.flatMap((t) =>
        t.kind === 'host' ? t.frames : [],
      );
    assert.deepEqual(framesOf({ hostPath: (file) => `/lab/hosts/${file}` }), [
      { function: 'flush', source: { label: 'qemu-net.ts:88', path: '/lab/hosts/qemu-net.ts', line: 88 } },
      { function: 'vcpuThread', source: { label: 'qemu-timer.ts:41', path: '/lab/hosts/qemu-timer.ts', line: 41 } },
    ]);
    assert.deepEqual(framesOf({}), [{ function: 'flush' }, { function: 'vcpuThread' }]);
  });

  it('has words for every place an skb can be', () => {
    const { stop, ctx } = ringFull();
    const model = stop.skbs[0];
    assert.ok(model);
    const skbs = SKB_PLACES.map((place, i): SkbView => ({ ...model, id: i, place, head: undefined, queue: undefined }));
    const words = composePanelState({ ...stop, skbs }, ctx).skbs.map((skb) => skb.where);
    assert.equal(new Set(words).size, SKB_PLACES.length);
    assert.ok(words.every((text) => text.length > 0 && !text.includes('undefined')));
  });

  it('links changes, findings and the vCPU’s line to their source, and leaves a file that cannot be opened without', () => {
    const { stop, ctx } = ringFull();
    const state = composePanelState(stop, ctx);
    const link = { label: 'virtio_ring.c:217', path: '/project/driver/virtio_ring.c', line: 217 };
    assert.deepEqual(state.changes[0]?.source, link);
    assert.equal(state.changes[1]?.source, undefined);
    const vcpu = state.threads[0];
    assert.ok(vcpu?.kind === 'vcpu');
    assert.equal(vcpu.at, 'vring_kick');
    assert.deepEqual(vcpu.source, link);
    assert.equal(vcpu.blockedBy, 'QEMU vCPU thread');
    const without = composePanelState(stop, { ...ctx, sourcePath: () => undefined });
    assert.equal(without.changes[0]?.source, undefined);
  });

  it('links a device’s write to the line of its host model, for the verdict that it decides too', () => {
    const { stop, ctx } = ringFull();
    const host = { file: 'qemu-net.ts', line: 75 };
    const write: Change = {
      position: { tick: 23022, sub: 0 },
      timeNs: 1_314_400,
      author: 'device',
      thread: 'QEMU vCPU thread',
      queue: 'tx',
      field: 'used.flags',
      before: '0x0',
      after: '0x1',
      host,
    };
    const link = { label: 'qemu-net.ts:75', path: '/lab/hosts/qemu-net.ts', line: 75 };
    const at = (more: object): PanelState => composePanelState({ ...stop, changes: [write] }, { ...ctx, ...more });
    const state = at({ hostPath: (file: string) => `/lab/hosts/${file}` });
    assert.deepEqual(state.changes[0]?.source, link);
    assert.deepEqual(queueOf(state, 'tx').notifications.kick.written?.source, link);
    assert.deepEqual(checkToPanel({ type: 'state', state }).ok, true);
    assert.equal(at({}).changes[0]?.source, undefined);
  });

  it('tells a store that left the value as it was since the previous stop, and as the last write of a field', () => {
    const { stop, ctx } = ringFull();
    const store = (tick: number, before: string, after: string): Change => ({
      position: { tick, sub: 0 },
      timeNs: tick,
      author: 'driver',
      queue: 'tx',
      field: 'avail.flags',
      before,
      after,
      site: 1,
    });
    const changes = [store(5, '0x0', '0x1'), store(7, '0x1', '0x1'), store(9, '0x1', '0x1')];
    const since = (tick: number): PanelState => {
      const previous = { ...composePanelState(stop, ctx), position: { tick, sub: 0 } };
      return composePanelState({ ...stop, changes }, { ...ctx, previous });
    };
    const ticks = (state: PanelState): readonly number[] => state.changes.map((change) => change.position.tick);
    assert.deepEqual([ticks(since(6)), since(6).older], [[5, 7, 9], 1]);
    assert.deepEqual([ticks(since(8)), since(8).older], [[5, 9], 1]);
    const back = since(stop.position.tick + 1);
    assert.deepEqual([ticks(back), back.changesSince], [[5, 7, 9], 'history']);
    assert.equal(queueOf(since(8), 'tx').notifications.interrupt.written?.position.tick, 9);
  });

  it('names status and feature bits', () => {
    const { device } = compose(ringFull());
    assert.deepEqual(device.statusNames, ['ACKNOWLEDGE', 'DRIVER', 'DRIVER_OK']);
    assert.deepEqual(device.featureNames, ['VIRTIO_NET_F_MAC', 'VIRTIO_NET_F_MRG_RXBUF', 'VIRTIO_F_NOTIFY_ON_EMPTY']);
  });

  it('judges a kick by the driver’s last decision, in the verdict and in the sentence alike', () => {
    const spec = fullRing();
    const { availEvent, idx } = { availEvent: 2, idx: 4 };
    const view = writeRing(newRam(), { ...spec, eventIdx: { usedEvent: 65535, availEvent }, lastAvailIdx: 1 });
    for (const [kickedIdx, sent] of [
      [2, true], // entries 2 and 3 are exposed, and nobody has decided about them
      [idx, false], // decided: a kick now would be about the next one
      [undefined, true], // unknown: about what the device has not looked at
    ] as const) {
      const ram = newRam();
      writeRing(ram, { ...spec, eventIdx: { usedEvent: 65535, availEvent }, lastAvailIdx: 1 });
      const { notifications, sentence } = queueOf(
        composePanelState(stopWith([{ ...view, ...(kickedIdx !== undefined && { kickedIdx }) }]), contextFor(ram)),
        'tx',
      );
      assert.equal(notifications.kick.sent, sent, `decided at ${kickedIdx}`);
      assert.ok(sentence.includes(notifications.kick.why), `${sentence} / ${notifications.kick.why}`);
    }
  });

  it('lets NOTIFY_ON_EMPTY decide about the interrupt', () => {
    const ram = newRam();
    const spec = fullRing();
    // NO_INTERRUPT is set, and one buffer is left
    const view = writeRing(ram, { ...spec, used: { ...spec.used, idx: 3 } });
    const verdict = (features: string): boolean => {
      const stop = stopWith([view]);
      const state = composePanelState({ ...stop, device: { ...stop.device, features } }, contextFor(ram));
      return queueOf(state, 'tx').notifications.interrupt.sent;
    };
    assert.equal(verdict('0x1000000'), true);
    assert.equal(verdict('0x0'), false);
  });

  it('shows a queue that is not set up as that, and reads no memory for it', () => {
    const { stop, ctx } = ringFull();
    const queues = stop.queues.map((q) => ({ ...q, ready: false, size: 0, desc: '0x0', avail: '0x0', used: '0x0' }));
    const state = composePanelState({ ...stop, queues }, ctx);
    assert.equal(state.queues[0]?.ready, false);
    assert.deepEqual(state.queues[0]?.ring.problems, []);
    // the scene's queue has been in use
    assert.equal(state.queues[0]?.sentence, `The driver has given the ${queues[0]?.name} queue up.`);
    const unused = queues.map((q) => ({ ...q, counters: { ...q.counters, added: 0 } }));
    assert.match(
      composePanelState({ ...stop, queues: unused }, ctx).queues[0]?.sentence ?? '',
      /not set up the .* queue yet/,
    );
    assert.equal(checkToPanel({ type: 'state', state }).ok, true);
  });

  it('turns bytes without sense into problems, never into an exception', () => {
    let seed = 0x2545f491;
    const random = (): number => {
      seed ^= seed << 13;
      seed ^= seed >>> 17;
      seed ^= seed << 5;
      return seed >>> 0;
    };
    for (let round = 0; round < 50; round++) {
      const ram = newRam();
      const view = writeRing(ram, { ...fullRing(), indirect: true, eventIdx: { usedEvent: 0, availEvent: 0 } });
      for (let at = 0x10000; at < 0x12000; at++) ram[at] = random();
      writeOverlay(ram, { lastUsedIdx: random() & 0xffff, numAdded: random(), numFree: random(), freeHead: random() });
      const state = composePanelState(
        stopWith([view]),
        contextFor(ram, () => OVERLAY),
      );
      assert.deepEqual(checkToPanel(JSON.parse(JSON.stringify({ type: 'state', state }))).ok, true);
      assert.equal(state.queues[0]?.availSlots.length, 16);
    }
  });

  it('survives a ring that lies outside RAM', () => {
    const { stop, ctx } = ringFull();
    const queues = stop.queues.map((q) => ({
      ...q,
      desc: '0xffffffffff000',
      avail: '0x10',
      used: '0xffffffffffffffff',
    }));
    const state = composePanelState({ ...stop, queues }, ctx);
    assert.ok((state.queues[0]?.ring.problems.length ?? 0) > 0);
    assert.equal(checkToPanel({ type: 'state', state }).ok, true);
  });

  it('has a sentence for every reason to stop', () => {
    const { stop, ctx } = ringFull();
    const event = {
      seq: 1,
      position: { tick: 1, sub: 0 },
      timeNs: 1,
      who: 'driver',
      what: 'kick',
      queue: 'tx',
      detail: {},
    } as const;
    const reasons: readonly StopState['reason'][] = [
      { kind: 'entry' },
      { kind: 'step' },
      { kind: 'pause' },
      { kind: 'goto' },
      { kind: 'breakpoint', ids: [1] },
      { kind: 'data', ids: [1], author: 'device', before: '4', after: '5' },
      { kind: 'event', ids: ['kick'], event },
      { kind: 'start' },
      { kind: 'end', how: 'done', text: '' },
      { kind: 'end', how: 'trap', text: 'unreachable in start_xmit' },
    ];
    const texts = reasons.map((reason) => composePanelState({ ...stop, reason }, ctx).reason);
    assert.equal(new Set(texts).size, reasons.length);
    assert.match(texts[5] ?? '', /4 → 5, written by the device/);
    assert.match(texts[6] ?? '', /kick on tx, by driver/);
    assert.equal(texts[9], 'unreachable in start_xmit');
  });
});
