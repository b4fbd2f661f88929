// From a scenario to a machine's setup: drivers, captures, places to stop; and what is said when something is not there.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  parseScenario,
  resolveScenario,
  ScenarioError,
  type DriverOverride,
  type LoadedScenario,
} from '../../../src/scenario';
import { CompileError } from '../../../src/toolchain';
import { driversRoot, QEMU_TIMER, root, scenario, scenarioText, setupOf } from './support';

const DRIVER = join(driversRoot, 'virtio_net/virtio_net-2.6.31.c');

/** Message of the ScenarioError that the work ends in, without the file's name. */
async function refusal(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof ScenarioError, String(error));
    return error.problems.map(({ path, message }) => `${path}: ${message}`).join('\n');
  }
  return '';
}

describe('preparing a scenario', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'virtio-lab-prepare-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const here = (fields: Readonly<Record<string, unknown>>): LoadedScenario =>
    parseScenario(scenarioText(fields), join(folder, 'test.virtio.json'));

  it('turns names into bits, bytes and defaults', async () => {
    const { device, physOffset, traffic } = await setupOf(
      scenario({
        device: { features: ['VIRTIO_NET_F_MAC', 'VIRTIO_NET_F_STATUS'], mac: 'aA:00:00:00:00:01' },
        physOffset: '0x100000000',
      }),
    );
    assert.equal(device.features, (1n << 5n) | (1n << 16n));
    assert.deepEqual(device.mac, [0xaa, 0, 0, 0, 0, 1]);
    assert.deepEqual(device.host.parameters, QEMU_TIMER);
    assert.equal(physOffset, 0x1_0000_0000n);
    assert.equal(traffic.length, 1);
  });

  it('splits a capture by the guest’s address, at recorded times or back to back', async () => {
    const frames = async (fields: object) => {
      const { traffic } = await setupOf(
        scenario({ traffic: [{ kind: 'pcap', file: 'pcap/ping.pcap', atNs: 500, ...fields }] }),
      );
      return traffic[0]?.kind === 'frames' ? traffic[0].frames : [];
    };
    const recorded = await frames({});
    assert.equal(recorded.map((f) => (f.direction === 'tx' ? 't' : 'r')).join(''), 'trtrtrtr');
    assert.deepEqual(
      recorded.slice(0, 4).map((f) => f.atNs),
      [500, 10_500, 11_404_500, 11_479_500],
    );
    const { traffic } = await setupOf(
      scenario({ device: { mac: '52:55:0a:00:02:02' }, traffic: [{ kind: 'pcap', file: 'pcap/ping.pcap' }] }),
    );
    assert.equal(
      traffic[0]?.kind === 'frames' && traffic[0].frames.map((f) => (f.direction === 'tx' ? 't' : 'r')).join(''),
      'rtrtrtrt',
    );
    const together = await frames({ backToBack: true });
    assert.ok(together.every((f) => f.atNs === 500));
    assert.deepEqual(
      together.map((f) => f.bytes),
      recorded.map((f) => f.bytes),
    );
  });

  it('says everything that is not there, at once', async () => {
    writeFileSync(join(folder, 'cut.pcap'), Buffer.from('d4c3b2a1', 'hex'));
    const loaded = here({
      driver: { files: ['a.c', 'b.h'], lib: 'none' },
      traffic: [
        { kind: 'pcap', file: 'none.pcap' },
        { kind: 'pcap', file: 'cut.pcap' },
      ],
    });
    const said = await refusal(() => resolveScenario(loaded, driversRoot));
    assert.match(said, /^driver\.files\[0\]: .*a\.c: there is no such file; check the path$/m);
    assert.match(said, /^driver\.files\[1\]: expected a C file \(\.c\)$/m);
    assert.match(said, /^driver\.lib: .*none: there is no such file/m);
    assert.match(said, /^traffic\[0\]\.file: none\.pcap: there is no such file/m);
    assert.match(said, /^traffic\[1\]\.file: cut\.pcap: byte 4: the file ends within its header/m);
    assert.equal(said.split('\n').length, 5);
    assert.match(
      await refusal(() => resolveScenario(scenario({ driver: { bundled: 'e1000' } }), driversRoot)),
      /^driver\.bundled: no bundled driver is called "e1000"; there are virtio_net-2\.6\..*, ring_minimal$/,
    );
  });

  it('stops at the transmit function by default, whatever the driver calls it', async () => {
    for (const [bundled, name] of [
      ['virtio_net-2.6.31', 'start_xmit'],
      ['ring_minimal', 'minimal_xmit'],
    ]) {
      const { program, stopSites } = await setupOf(scenario({ driver: { bundled } }), { stop: true });
      assert.deepEqual(
        stopSites.map((id) => program.functions[program.sites[id]?.func ?? -1]?.name),
        [name],
      );
    }
    assert.deepEqual((await setupOf(scenario({ stopAt: null }), { stop: true })).stopSites, []);
  });

  it('stops at a line as a breakpoint would: the next that has code', async () => {
    const at = async (line: number) => {
      const to = await setupOf(scenario({ stopAt: { file: 'virtio_net-2.6.31.c', line } }), { stop: true });
      return to.stopSites.map((id) => to.program.sites[id]?.line);
    };
    const { program, stopSites } = await setupOf(scenario({ stopAt: { function: 'start_xmit' } }), { stop: true });
    const first = program.sites[stopSites[0] ?? -1]?.line ?? 0;
    const declared = program.functions.find((f) => f.name === 'start_xmit')?.line ?? 0;
    assert.ok(declared < first);
    assert.deepEqual(await at(first), [first]);
  });

  it('names candidates when the place to stop is not there', async () => {
    const said = (stopAt: object) => refusal(() => setupOf(scenario({ stopAt }), { stop: true }));
    assert.match(
      await said({ function: 'xmit' }),
      /^stopAt\.function: the driver has no function "xmit" that is ever called; there are .*start_xmit \(.*virtio_net-2\.6\.31\.c:\d+\)/,
    );
    assert.match(
      await said({ file: 'none.c', line: 1 }),
      /^stopAt\.file: no file of the program ends in none\.c; there are /,
    );
    assert.match(
      await said({ file: 'virtio_net-2.6.31.c', line: 99_999 }),
      /^stopAt\.line: .*has no code on or after line 99999$/,
    );
  });

  it('puts another driver in the scenario’s place, with its own place to stop', async () => {
    const loaded = scenario({ stopAt: { function: 'start_xmit' }, device: { version: 2 } });
    const { program, stopSites } = await setupOf(loaded, { stop: true, override: { bundled: 'ring_minimal' } });
    assert.deepEqual(
      stopSites.map((id) => program.functions[program.sites[id]?.func ?? -1]?.name),
      ['minimal_xmit'],
    );
    await assert.rejects(setupOf(loaded, { override: { files: [join(folder, 'x.c')] } }), /^Error: program: .*x\.c/);
    await assert.rejects(setupOf(loaded, { override: { bundled: 'x' } }), /^Error: driver: no bundled driver/);
    await assert.rejects(setupOf(loaded, { override: { lib: join(folder, 'x') } }), /^Error: lib: .*no such file/);
  });

  it('compiles workspace files with their defines and copies of library files', async () => {
    cpSync(DRIVER, join(folder, 'mine.c'));
    mkdirSync(join(folder, 'lib/net/core'), { recursive: true });
    const copy = join(folder, 'lib/net/core/sock.c');
    cpSync(join(root, 'drivers/lib/net/core/sock.c'), copy);
    const driver = { files: ['mine.c'], lib: 'lib', defines: { MINE: '1' } };
    const { program } = await setupOf(here({ driver }));
    const disk = program.files.flatMap(({ origin }) => (origin.kind === 'disk' ? [origin.path] : []));
    assert.deepEqual(disk.sort(), [copy, join(folder, 'mine.c')].sort());
  });

  it('links a driver with the kernel it is for: a bundled one, or files that take its place', async () => {
    const ringOf = async (fields: Readonly<Record<string, unknown>>, override?: DriverOverride) => {
      const { program } = await setupOf(here(fields), { override });
      return program.files.flatMap(({ path }) => /virtio_ring.*\.c$/.exec(path) ?? []);
    };
    cpSync(DRIVER, join(folder, 'mine.c'));
    const own = join(folder, 'mine.c');
    for (const [fields, override, ring] of [
      [{ driver: { bundled: 'virtio_net-2.6.31' } }, undefined, 'virtio_ring.c'],
      [{ driver: { files: ['mine.c'] } }, undefined, 'virtio_ring.c'],
      [{ driver: { files: ['mine.c'], kernel: '2.6.30' } }, undefined, 'virtio_ring-2.6.30.c'],
      [{ driver: { files: ['mine.c'], kernel: '2.6.34' } }, { files: [own] }, 'virtio_ring-2.6.34.c'],
      [{ driver: { files: ['mine.c'], kernel: '2.6.34' } }, { bundled: 'virtio_net-2.6.31' }, 'virtio_ring.c'],
      [{}, { files: [own], kernel: '2.6.32' }, 'virtio_ring-2.6.32.c'],
    ] as const)
      assert.deepEqual(await ringOf(fields, override), [ring], JSON.stringify([fields, override]));
    await assert.rejects(
      setupOf(here({}), { override: { files: [own], kernel: '3.0' } }),
      /^Error: kernel: no kernel version is called "3\.0"; there are 2\.6\.30, /,
    );
  });

  it('tells a driver’s files which kernel they are linked with', async () => {
    const code =
      '#include <linux/version.h>\nint code = LINUX_VERSION_CODE == KERNEL_VERSION(2, 6, 34) ? 1 : -1;\nchar a[LINUX_VERSION_CODE == KERNEL_VERSION(2, 6, 34) ? 1 : -1];\n';
    writeFileSync(join(folder, 'v.c'), code);
    await setupOf(here({ driver: { files: ['v.c'], kernel: '2.6.34' } }));
    await assert.rejects(setupOf(here({ driver: { files: ['v.c'] } })), CompileError);
  });

  it('sets module parameters, and says which there are when one is wrong', async () => {
    const text = async (params: object, override?: DriverOverride) =>
      (await setupOf(scenario({ driver: { bundled: 'virtio_net-2.6.31', params } }), { override })).moduleArguments;
    assert.equal(await text({ napi_weight: 64, csum: false, gso: 1 }), 'napi_weight=64 csum=0 gso=1');
    assert.equal(await text({ napi_weight: 64 }, { params: { napi_weight: 3, gso: false } }), 'napi_weight=3 gso=0');
    assert.match(
      await refusal(() => text({ napi_wait: 64, csum: 2, gso: 'x', napi_weight: 1e10 })),
      new RegExp(
        [
          '^driver\\.params\\.napi_wait: the driver has no such parameter; there are .*napi_weight \\(int\\).*',
          'driver\\.params\\.csum: found 2, expected true or false \\(bool\\)',
          'driver\\.params\\.gso: found "x", expected true or false \\(bool\\)',
          'driver\\.params\\.napi_weight: found 10000000000, expected a whole number from -2147483648 to 2147483647 \\(int\\)$',
        ].join('\n'),
      ),
    );
    await assert.rejects(text({}, { params: { x: 1 } }), /^Error: params: x: the driver has no such parameter/);
  });

  it('lets the compiler’s errors through, with file and line', async () => {
    writeFileSync(join(folder, 'bad.c'), 'int a;\nint b = ;\n');
    const error: unknown = await setupOf(here({ driver: { files: ['bad.c'] } })).catch((e: unknown) => e);
    assert.ok(error instanceof CompileError);
    assert.deepEqual(
      error.diagnostics.map(({ file, line }) => [file, line]),
      [[join(folder, 'bad.c'), 2]],
    );
  });
});
