// Whatever a driver does, the machine survives: a finding names the line, and the session stays usable.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { MachineRefusal, type FindingKind, type MachineSetup } from '../../../src/machine';
import { comparePositions } from '../../../src/machine/position';
import {
  fixtureDriver,
  headless,
  machine,
  MODERN,
  program,
  RING_MINIMAL,
  rx,
  setup,
  toEnd,
  tx,
  VIRTIO_NET,
} from '../../support/machine';

const BAD = fixtureDriver('bad.c');
const lines = readFileSync(BAD, 'utf8').split('\n');

interface Bad {
  readonly kind: FindingKind;
  /** the run ends there */
  readonly ends: boolean;
  readonly text: RegExp;
}

const ends = (kind: FindingKind, text: RegExp): Bad => ({ kind, ends: true, text });
const goesOn = (kind: FindingKind, text: RegExp): Bad => ({ kind, ends: false, text });

const CASES: Readonly<Record<string, Bad>> = {
  div_by_zero: ends('trap', /divide by zero/),
  bad_function_pointer: ends('trap', /table index is out of bounds|null function/),
  wrong_signature: ends('trap', /signature/),
  null_write: ends('null-dereference', /NULL pointer dereference: writes 4 bytes/),
  null_read: ends('null-dereference', /NULL pointer dereference: reads 4 bytes/),
  null_fill: ends('null-dereference', /NULL pointer dereference: writes 20 bytes/),
  forever: ends('endless-loop', /endless loop/),
  recursion: ends('stack-overflow', /stack overflow/),
  registers: ends('wild-store', /plain store of 4 bytes to the device's registers at 0xf0000050: use writel/),
  beyond_ram: ends('wild-store', /beyond RAM/),
  no_device: ends('wild-store', /no device is there/),
  double_free: goesOn('double-free', /./),
  use_after_free: goesOn('use-after-free', /./),
  overrun: goesOn('overrun', /./),
  bad_free: goesOn('bad-free', /./),
  leak: goesOn('leak', /./),
  spin_twice: ends('deadlock', /spins for .*first.* held since spin_twice/),
  mutex_twice: ends('deadlock', /heavy/),
  sleep_for_ever: ends('deadlock', /nothing can wake it any more/),
  sleep_in_atomic: goesOn('api', /invalid context: .* spinlocks held 1/),
  bug: ends('bug', /./),
  warn: goesOn('warn', /./),
  ring_on_stack: goesOn('bad-ring', /^rx: its ring is set up on the C stack/),
};

/** Where the fixture says it goes wrong: `bad.c:42 in name`. */
function placeOf(name: string): RegExp {
  const line = lines.findIndex((text) => text.includes(`here: ${name} */`)) + 1;
  assert.ok(line > 0, name);
  return new RegExp(`bad\\.c:${line} in ${name}$`);
}

async function bad(name: string): Promise<MachineSetup> {
  // A leak is told at removal: there must be a device to remove.
  const files = name === 'leak' ? [VIRTIO_NET, BAD] : [BAD];
  return setup(await program(files, { CASE: name }), { traffic: [], costs: { softLockup: 1e7 } });
}

describe('bad drivers', function () {
  this.timeout(60_000);

  for (const [name, expected] of Object.entries(CASES))
    it(`${name}: ${expected.kind}, at its line, at both levels alike`, async () => {
      const to = await bad(name);
      const result = headless(to);
      const found = result.findings.find((f) => f.kind === expected.kind);
      assert.ok(found, JSON.stringify(result.findings));
      assert.match(found.text, expected.text);
      const places = [found.where ?? '', ...(found.related ?? []).map((r) => r.text)];
      const related = (found.related ?? []).flatMap((r) => {
        const site = r.site === undefined ? undefined : to.program.sites[r.site];
        return site === undefined ? [] : [`bad.c:${site.line} in ${to.program.functions[site.func]?.name}`];
      });
      assert.ok(
        [...places, ...related].some((place) => placeOf(name).test(place)),
        `${[...places, ...related].join('; ')}: expected ${placeOf(name)}`,
      );
      assert.equal(
        result.log.some((e) => e.what === 'trap'),
        expected.ends,
      );
      assert.deepEqual(headless(to, { level: 'run' }).text, headless(to, { level: 'debug' }).text);
    });

  for (const name of Object.keys(CASES).filter((n) => CASES[n]?.ends && n !== 'forever'))
    it(`${name}: the session pauses there, refuses to go on, and steps back`, async () => {
      const handle = await machine(await bad(name));
      const end = await handle.start();
      assert.equal(end.reason.kind, 'end');
      assert.ok(end.reason.kind === 'end' && end.reason.how === 'trap');
      await assert.rejects(handle.run({ kind: 'continue' }), MachineRefusal);
      const back = await handle.run({ kind: 'back', thread: 1 });
      assert.equal(back.reason.kind, 'step');
      assert.ok(comparePositions(back.position, end.position) < 0);
      const again = await toEnd(handle);
      assert.deepEqual(again.position, end.position);
      assert.deepEqual(again.findings, end.findings);
      await handle.dispose();
    });

  it('pauses in an endless loop, and goes on from there', async () => {
    const handle = await machine({ ...(await bad('forever')), costs: { softLockup: 1e15 } });
    for (let i = 0; i < 3; i++) {
      const stop = handle.run({ kind: 'continue' });
      handle.pause();
      const state = await stop;
      assert.equal(state.reason.kind, 'pause');
    }
    await handle.dispose();
  });

  it('finds a pointer handed to the device as a guest-physical address, and its line', async () => {
    const text = readFileSync(RING_MINIMAL, 'utf8').replace(
      'cpu_to_le64(virt_to_phys(data))',
      'cpu_to_le64((u32)data)',
    );
    const to = setup(await program([{ path: RING_MINIMAL.replace('ring_minimal', 'ring_pointer'), text }]), {
      features: MODERN,
      traffic: [tx(1)],
    });
    const [found] = headless(to).findings;
    assert.equal(found?.kind, 'bad-address');
    assert.match(found.text, /it is a valid pointer: was virt_to_phys\(\) forgotten/);
    const places = [found.where ?? '', ...(found.related ?? []).map((r) => r.text)];
    assert.ok(
      places.some((p) => /ring_pointer|ring_post|added/.test(p)),
      places.join('; '),
    );
  });

  it('survives a page of garbage anywhere in RAM', async () => {
    const both = await program([VIRTIO_NET, fixtureDriver('scribble.c')]);
    const options = {
      queues: { rx: 32, tx: 16 },
      traffic: [tx(20, 400_000), rx(5, 900_000)],
      costs: { softLockup: 3e6 },
    };
    // A page that nobody uses.
    const clean = headless(setup(both, { ...options, physOffset: BigInt(0x40000000 + 4096 * 4000) }));
    assert.deepEqual(clean.findings, []);
    const used = Array.from({ length: clean.ram.length / 4096 }, (_, page) => page).filter((page) =>
      clean.ram.subarray(page * 4096, page * 4096 + 4096).some((byte) => byte !== 0),
    );
    const { from, to } = clean.runtimePages;
    const outside = used.filter((page) => page < from || page >= to);
    const step = Math.max(1, Math.floor(outside.length / 30));
    const pages = [0, from, to - 1, ...outside.filter((_, i) => i % step === 0), clean.ram.length / 4096];
    let harmed = 0;
    for (const page of pages) {
      const result = headless(setup(both, { ...options, physOffset: BigInt(0x40000000 + 4096 * page) }), {
        level: 'debug',
      });
      const internal = result.findings.filter((f) => f.kind === 'internal');
      assert.deepEqual(internal, [], `page ${page}`);
      const kept = page === 0 || (page >= from && page < to) || page >= clean.ram.length / 4096;
      if (kept) assert.match(result.findings[0]?.where ?? '', /scribble\.c:\d+ in scribble$/, `page ${page}`);
      if (result.findings.length > 0) harmed++;
    }
    assert.ok(harmed > 5, `${harmed} of ${pages.length}`);
  });
});
