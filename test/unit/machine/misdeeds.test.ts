// Misdeeds in the transmit path of a driver that works: found at their line, and nothing else is lost: rings, skbs, frames, RAM, the way back.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { MachineRefusal, type FindingKind, type MachineSetup, type StopState } from '../../../src/machine';
import { comparePositions } from '../../../src/machine/position';
import { decodeSplit, type SplitLayout } from '../../../src/virtqueue';
import { fixtureDriver, headless, machine, program, setup, toEnd, tx, VIRTIO_NET } from '../../support/machine';

const MISDEEDS = fixtureDriver('misdeeds.c');
const source = readFileSync(MISDEEDS, 'utf8').split('\n');

interface Misdeed {
  readonly name: string;
  readonly kind: FindingKind;
  readonly text: RegExp;
  /** the run ends there, with this function on top */
  readonly ends: boolean;
}

const ends = (name: string, kind: FindingKind, text: RegExp): Misdeed => ({ name, kind, text, ends: true });
const goesOn = (name: string, kind: FindingKind, text: RegExp): Misdeed => ({ name, kind, text, ends: false });

/** In the order of the fixture's table. */
const CASES: readonly Misdeed[] = [
  ends('divide_overflow', 'trap', /^trap: the least integer divided by -1/),
  ends('call_null', 'trap', /function pointer that is NULL/),
  ends('reach_the_unreachable', 'trap', /__builtin_trap\(\)/),
  ends('copy_to_null', 'null-dereference', /writes 32 bytes at 0x40$/),
  ends('copy_from_null', 'null-dereference', /reads 32 bytes at 0x40$/),
  ends('read_beyond_ram', 'trap', /read beyond RAM .* wild pointer/),
  ends('fill_beyond_ram', 'wild-store', /^store of 64 bytes at 0x7fff0000, beyond RAM/),
  ends('read_register_plainly', 'trap', /device registers are read with readl\(\)/),
  goesOn('write_every_register', 'api', /^32-bit write at offset 0x0: MagicValue is read-only/),
  goesOn('read_every_byte', 'api', /^8-bit read at offset 0x0: MagicValue is accessed with 32 bits only/),
  ends('loop_with_irqs_off', 'endless-loop', /an endless loop$/),
  ends('big_frame', 'stack-overflow', /^kernel stack overflow: 16 KiB/),
  ends('follow_freed_pointer', 'wild-store', /at 0x6b6b6b6f, .* a pointer was read from freed memory$/),
  goesOn('free_inside', 'bad-free', /^kfree: [0-9a-f]+ was not allocated with kmalloc\(\)$/),
  goesOn('unlock_unlocked', 'api', /^unlock of misdeed_lock, which is not locked$/),
  ends('free_what_is_sent', 'trap', /read from freed memory/),
  ends('give_up', 'bug', /^kernel panic: misdeed: 64 bytes$/),
];

/** A good packet, which is still in the ring when the bad one comes. */
async function scenario(name: string): Promise<MachineSetup> {
  const bad = Uint8Array.of(0x52, 0x55, 1, 2, 3, 4, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 0x88, 0xb5, 0, 0);
  const bytes = new Uint8Array(64);
  bytes.set(bad);
  bytes[14] = CASES.findIndex((c) => c.name === name);
  const text = readFileSync(VIRTIO_NET, 'utf8')
    .replace('static int start_xmit(', 'void misbehave(struct sk_buff *skb);\n\nstatic int start_xmit(')
    .replace('netdev_priv(dev);\n\nagain:\n', 'netdev_priv(dev);\n\n\tmisbehave(skb);\nagain:\n');
  return setup(await program([{ path: fixtureDriver('virtio_net.c'), text }, MISDEEDS]), {
    traffic: [tx(1), { kind: 'frames', frames: [{ atNs: 1_020_000, direction: 'tx', bytes }] }],
    // 4096 exits take 20 ms
    costs: { softLockup: name.includes('every') ? 30e6 : 1e6 },
  });
}

/** The line that the fixture marks, or the driver’s that met what was done. */
function placeOf(name: string): RegExp {
  const line = source.findIndex((text) => text.includes(`/* here: ${name} */`)) + 1;
  return line > 0 ? new RegExp(`misdeeds\\.c:${line} in ${name}$`) : /virtio_net\.c:\d+ in \w+$/;
}

const topFunction = (state: StopState, to: MachineSetup): string | undefined => {
  const vcpu = state.threads[0];
  const frame =
    vcpu?.kind === 'vcpu' ? vcpu.frames.find((f) => f.kind === 'driver' && f.site !== undefined) : undefined;
  return frame?.kind === 'driver' ? to.program.functions[frame.func]?.name : undefined;
};

/** Decodes a queue from RAM as the panel does. */
function ring(state: StopState, index: number, ram: Uint8Array, physOffset: bigint): ReturnType<typeof decodeSplit> {
  const view = state.queues[index];
  assert.ok(view?.ready);
  const layout: SplitLayout = {
    size: view.size,
    desc: BigInt(view.desc),
    avail: BigInt(view.avail),
    used: BigInt(view.used),
    format: 'split',
    eventIdx: view.eventIdx,
    indirect: view.indirect,
  };
  return decodeSplit((address, length) => {
    const from = Number(address - physOffset);
    return from >= 0 && from + length <= ram.length ? ram.slice(from, from + length) : undefined;
  }, layout);
}

describe('misdeeds while packets are sent', function () {
  this.timeout(60_000);

  for (const { name, kind, text, ends: isEnd } of CASES)
    it(`${name}: ${kind}, at its line; both levels alike`, async () => {
      const to = await scenario(name);
      const result = headless(to, { level: 'debug' });
      const found = result.findings.find((f) => f.kind === kind && text.test(f.text));
      assert.ok(found, JSON.stringify(result.findings));
      assert.match(found.where ?? '', placeOf(name));
      assert.match(result.text.at(-1) ?? '', isEnd ? /how=trap$/ : /how=done$/);
      assert.deepEqual(headless(to, { level: 'run' }).text, result.text);
      assert.ok(!result.findings.some((f) => f.kind === 'internal'));
    });

  for (const { name, kind } of CASES.filter((c) => c.ends))
    it(`${name}: everything is there to be looked at, and the way back`, async () => {
      const to = await scenario(name);
      const handle = await machine(to);
      const said: string[] = [];
      handle.onOutput((o) => {
        if (o.kind === 'finding') said.push(o.text);
      });
      const end = await handle.start();
      assert.ok(end.reason.kind === 'end' && end.reason.how === 'trap');
      const [found] = end.findings;
      assert.equal(found?.kind, kind);
      assert.equal(end.reason.text.includes(found.text.slice(0, 20)), true, end.reason.text);
      assert.ok(found.where?.endsWith(` in ${topFunction(end, to)}`), `${found.where}: ${topFunction(end, to)}`);
      assert.equal(said.length, 1);
      assert.ok(said[0]?.includes(found.where ?? 'nowhere'));

      assert.equal(ring(end, 0, handle.ram, handle.physOffset).avail.idx, 8);
      assert.equal(ring(end, 1, handle.ram, handle.physOffset).avail.idx, 1);
      const sending = end.skbs.filter((s) => s.direction === 'tx');
      // While interrupts were off for ever, QEMU's timer has sent it.
      const place = name === 'loop_with_irqs_off' ? 'used' : 'available';
      assert.ok(
        sending.some((s) => s.queue === 'tx' && s.place === place),
        JSON.stringify(sending),
      );
      assert.equal(end.device.timers.length, place === 'used' ? 0 : 1);

      await assert.rejects(handle.run({ kind: 'over', thread: 1 }), (error: Error) => {
        assert.ok(error instanceof MachineRefusal);
        assert.match(error.message, /Step back, or restart/);
        return true;
      });
      const ended = await handle.hash();
      const back = await handle.run({ kind: 'back', thread: 1 });
      assert.equal(back.reason.kind, 'step');
      assert.ok(comparePositions(back.position, end.position) < 0);
      const again = await toEnd(handle);
      assert.deepEqual(again.position, end.position);
      assert.deepEqual(again.findings, end.findings);
      assert.equal(await handle.hash(), ended);
      assert.equal(said.length, 1, 'a replay does not say it again');
      const start = await handle.run({ kind: 'reverse' });
      assert.deepEqual(start.findings, []);
      await handle.dispose();
    });

  it('a finding keeps its line however its place is reached again', async () => {
    const one = await scenario('unlock_unlocked');
    const [, bad] = one.traffic;
    assert.equal(bad?.kind, 'frames');
    // Behind a checkpoint, and far enough before the end to be replayed at run level.
    const frames = bad.frames.map((f) => ({ ...f, atNs: 8_800_000 }));
    const handle = await machine({ ...one, traffic: [tx(6000, 6_000), { kind: 'frames', frames }] });
    const end = await handle.start();
    assert.equal(end.findings.length, 1);
    const [found] = end.findings;
    assert.match(found?.where ?? '', placeOf('unlock_unlocked'));
    for (let later = 50_000; later < 1_000_000; later += 100_000) {
      const tick = Math.min((found?.position.tick ?? 0) + later, end.position.tick - 1);
      const state = await handle.run({ kind: 'goto', position: { tick, sub: 0 } });
      assert.deepEqual(state.findings, end.findings, `from ${tick}`);
    }
    await handle.dispose();
  });
});
