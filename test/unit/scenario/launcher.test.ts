// The launcher as debug uses it: a machine that stops where the scenario says, a run without stops, and how both are given up.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLauncher, type Launcher, ScenarioError } from '../../../src/scenario';
import { CompileError } from '../../../src/toolchain';
import { workerFile } from '../../support/worker';
import { cacheDir, driversRoot, root, scenarioText } from './support';

const DRIVER = join(driversRoot, 'virtio_net/virtio_net-2.6.31.c');
const never = new AbortController().signal;
const quiet = (): void => undefined;

describe('the launcher', function () {
  this.timeout(60_000);
  let folder: string;
  let owned: ReturnType<typeof createLauncher>;
  /** as debug's sessions are given it */
  let launcher: Launcher;

  before(async () => {
    owned = createLauncher({ root, cacheDir, workerPath: await workerFile('stepped') });
    launcher = owned;
    folder = mkdtempSync(join(tmpdir(), 'virtio-lab-launch-'));
  });
  after(() => {
    owned.dispose();
    rmSync(folder, { recursive: true });
  });

  /** Name of the function that a launch stops in first. */
  async function firstStop(args: Parameters<Launcher['launch']>[0]): Promise<string> {
    const { machine, inspector } = await launcher.launch(args, never, quiet);
    try {
      const state = await machine.start();
      const frame = state.threads[0]?.kind === 'vcpu' ? state.threads[0].frames[0] : undefined;
      if (frame?.kind !== 'driver') return state.reason.kind;
      assert.ok(inspector.locals({ ...frame, func: frame.func }).length >= 0);
      return machine.program.functions[frame.func]?.name ?? '?';
    } finally {
      await machine.dispose();
    }
  }

  it('stops a bundled scenario where it says, with its sources on disk and progress in words', async () => {
    const said: string[] = [];
    const launched = await launcher.launch({ scenario: 'tx-one-packet' }, never, (text) => said.push(text));
    try {
      const state = await launched.machine.start();
      assert.equal(state.reason.kind, 'entry');
      assert.equal(launched.title, 'TX: one packet, QEMU 150 µs timer');
      assert.equal(said.length, 2);
      const driver = launched.program.files.findIndex(({ path }) => path.endsWith('virtio_net-2.6.31.c'));
      assert.equal(launched.sourcePath(driver), DRIVER);
      assert.match(await launched.sourceText(driver), /start_xmit/);
      assert.equal(launched.sourcePath(99_999), undefined);
    } finally {
      await launched.machine.dispose();
    }
  });

  it('runs a C file without a scenario, and in a scenario in place of its driver', async () => {
    const mine = join(folder, 'mine.c');
    cpSync(DRIVER, mine);
    assert.equal(await firstStop({ program: mine }), 'start_xmit');
    assert.equal(await firstStop({ program: [mine], scenario: 'rx-one-packet' }), 'skb_recv_done');
    assert.equal(await firstStop({ driver: 'virtio_net-2.6.31' }), 'start_xmit');
    assert.equal(await firstStop({ scenario: 'tx-one-packet', stopOnEntry: false }), 'end');
  });

  it('runs to the end without stops, and says whether it passed', async () => {
    const good = await launcher.prepare({ scenario: 'tx-burst' }, never, quiet);
    const { text, passed } = await good.run(never, quiet);
    assert.ok(passed, text);
    assert.match(text, /^TX: a burst of 10/);
    const file = join(folder, 'fails.virtio.json');
    writeFileSync(file, scenarioText({ expect: [{ what: 'lines', value: 1 }] }));
    const bad = await launcher.prepare({ scenario: file }, never, quiet);
    assert.equal((await bad.run(never, quiet)).passed, false);
  });

  it('gives up when told to', async () => {
    const file = join(folder, 'long.virtio.json');
    writeFileSync(file, scenarioText({ traffic: [{ kind: 'tx', count: 1e8, intervalNs: 100 }] }));
    const long = await launcher.prepare({ scenario: file }, never, quiet);
    const controller = new AbortController();
    const running = long.run(controller.signal, quiet);
    controller.abort();
    await assert.rejects(running);
    await assert.rejects(launcher.launch({ scenario: 'tx-burst' }, controller.signal, quiet), { name: 'AbortError' });
  });

  it('lets errors of scenario and driver through as they are', async () => {
    const file = join(folder, 'bad.virtio.json');
    writeFileSync(file, '{}');
    await assert.rejects(launcher.launch({ scenario: file }, never, quiet), ScenarioError);
    await assert.rejects(launcher.launch({ scenario: 'none' }, never, quiet), /^Error: no scenario none/);
    const c = join(folder, 'bad.c');
    writeFileSync(c, 'int f(void) { return x; }\n');
    await assert.rejects(launcher.launch({ program: c }, never, quiet), CompileError);
  });
});
