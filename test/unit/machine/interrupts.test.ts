// An interrupt at every line of a run: packets, skbs, the free list and the interrupted frames' locals stay whole.
import assert from 'node:assert/strict';
import { makeFrame } from '../../support/frames';
import { findRingOverlay } from '../../../src/guest';
import type { MachineSetup, StopReason } from '../../../src/machine';
import { Breakpoints } from '../../../src/machine/breakpoints';
import { Unwind, type Goal } from '../../../src/machine/goal';
import { Machine } from '../../../src/machine/machine';
import type { Control } from '../../../src/machine/stops';
import { skbLayoutOf } from '../../../src/machine/skb-layout';
import { RAM_SIZE, readDebugInfo } from '../../../src/toolchain';
import {
  MERGEABLE,
  MODERN,
  ringMinimal,
  rx,
  setup,
  SMALL,
  tx,
  virtioNet,
  virtioNetCurrent,
} from '../../support/machine';

const INTO: Goal = { kind: 'run', step: { kind: 'into', thread: 1, interrupts: true } };

/** Drives a machine line by line, and raises the device's interrupt at each line that no interrupt has put there. */
class Nagging implements Control {
  machine!: Machine;
  raised = 0;
  entered = 0;
  sites = new Set<number>();
  /** the interrupted frames' stack memory, and how deep they were, of the interrupts that are being served */
  private readonly interrupted: { readonly depth: number; readonly from: number; readonly bytes: Buffer }[] = [];

  stopped(reason: StopReason): Goal {
    const { machine } = this;
    const { cpu } = machine;
    if (machine.phase === 'ended') throw new Unwind();
    if (reason.kind === 'event' && reason.event.what === 'irqEnter') {
      const bases = cpu.frames().flatMap((f) => (f.kind === 'driver' && f.base !== 0 ? [f.base] : []));
      const from = Math.min(...bases);
      const to = Math.max(...bases);
      const bytes = bases.length === 0 ? Buffer.alloc(0) : Buffer.from(cpu.ram.slice(from, to));
      this.interrupted.push({ depth: cpu.depth, from, bytes });
      if (cpu.depth > 0) this.entered++;
      return INTO;
    }
    if (reason.kind === 'event') {
      const before = this.interrupted.pop();
      assert.ok(before !== undefined && before.depth === cpu.depth);
      const now = Buffer.from(cpu.ram.slice(before.from, before.from + before.bytes.length));
      assert.equal(
        Buffer.compare(now, before.bytes),
        0,
        `the stack below an interrupt changed, at ${machine.clock.tick}`,
      );
      return INTO;
    }
    const site = cpu.site;
    const inInterrupt = cpu.frames().some((f) => f.kind === 'interrupt');
    if (reason.kind === 'step' && site !== undefined && !inInterrupt && machine.host.runner !== undefined) {
      this.sites.add(site);
      this.raised++;
      machine.host.device.perform({ do: 'interrupt', queue: this.raised % 2 === 0 ? 'tx' : 'rx' });
    }
    return INTO;
  }

  say(): void {}
  attend = (): boolean => false;
  atRest(): void {}
}

function nagged(to: MachineSetup): Nagging {
  const control = new Nagging();
  const breakpoints = new Breakpoints(() => {
    throw new Error('no conditions here');
  });
  breakpoints.setEvents([{ id: 'irq', what: ['irqEnter', 'irqExit'] }]);
  const pages = RAM_SIZE / 65536;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const machine = new Machine(to.program, to, memory, control, breakpoints, {
    interactive: true,
    keepLog: true,
    levels: ['run', 'debug'],
    skbLayout: skbLayoutOf(to.program),
    stalls: () => [],
  });
  control.machine = machine;
  machine.stops.setGoal(INTO);
  machine.run();
  return control;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('an interrupt at every line', function () {
  this.timeout(60_000);

  for (const [name, features, build, txSize] of [
    ['mergeable buffers', MERGEABLE, virtioNet, 16],
    ['small buffers', SMALL, virtioNet, 16],
    ['a modern ring of its own', MODERN, ringMinimal, 16],
    // stops below 20 free entries
    ['Linux 5.10', MODERN, virtioNetCurrent, 32],
  ] as const)
    it(`loses, doubles and changes nothing: ${name}`, async () => {
      const driver = await build();
      const options = {
        features,
        queues: { rx: 32, tx: txSize },
        traffic: [tx(8, 10_000), rx(4, 50_000), tx(2, 900_000, 100)],
      };
      const { mac } = setup(driver).device;
      const frames = [...Array(10).keys()].map((i) => makeFrame(i < 8 ? 64 : 100, i % 8, 'tx', mac));
      const expected = frames.map(hex);
      const removed = nagged(setup(driver, options)).machine;
      const run = nagged(setup(driver, { ...options, remove: false }));
      const { machine } = run;
      assert.ok(run.raised > 500 && run.entered > 500, `${run.raised} raised, ${run.entered} entered`);
      assert.ok(run.sites.size > 150, `${run.sites.size} lines`);
      for (const one of [removed, machine]) {
        assert.deepEqual(one.findings.all, []);
        const sent = one.host.tap.sentFrames.map(({ bytes }) => hex(bytes));
        assert.deepEqual(sent.sort(), expected.sort());
        assert.equal(one.statistics.rx.done, 4);
      }
      // After removal nothing is left of any packet.
      assert.deepEqual(removed.skbs.view(false), []);
      const info = readDebugInfo(driver.wasm);
      for (const view of machine.host.device.queueViews()) {
        const tracker = machine.rings.tracker(view.index);
        assert.ok(view.layout && tracker);
        const desc = Number(view.layout.desc - machine.setup.physOffset);
        const overlay = findRingOverlay(info, machine.cpu.ram, desc, view.size);
        if (build === ringMinimal) continue;
        assert.ok(overlay?.numFree !== undefined && overlay.freeHead !== undefined, 'the ring object is found');
        const free = new Set<number>();
        let at = machine.cpu.view.getUint32(overlay.freeHead.address, true);
        const numFree = machine.cpu.view.getUint32(overlay.numFree.address, true);
        for (let i = 0; i < numFree; i++) {
          assert.ok(at < view.size && !free.has(at), `${view.name}: the free list is broken at ${at}`);
          free.add(at);
          at = machine.cpu.view.getUint16(desc + 16 * at + 14, true);
        }
        const inChains = [...tracker.heads].filter((head, i) => head >= 0 && !free.has(i)).length;
        assert.equal(numFree + inChains, view.size, `${view.name}: ${numFree} free, ${inChains} in chains`);
      }
    });
});
