// Saving a session as a scenario, and going back: to the same state, or, where the sources have changed, to the same pass of a line.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '../../../src/cli/environment';
import { lab } from '../../../src/cli/lab';
import type { MachineHandle, StopState } from '../../../src/machine';
import { createLauncher, type Launched, type LaunchRequest, loadScenario, type Scenario } from '../../../src/scenario';
import { withoutDefaults } from '../../../src/scenario/shape';
import { SCENARIO } from '../../../src/scenario/spec';
import { bundledScenarioFiles, parseScenario } from '../../../src/scenario';
import { workerFile } from '../../support/worker';
import { cacheDir, driversRoot, root, scenarios } from './support';

const never = new AbortController().signal;
const quiet = (): void => undefined;

describe('a scenario without what is left to its defaults', () => {
  for (const file of bundledScenarioFiles(scenarios))
    it(`reads as the same: ${file.slice(scenarios.length + 1)}`, () => {
      const { scenario } = loadScenario(file);
      const text = JSON.stringify(withoutDefaults(SCENARIO, scenario));
      assert.deepEqual(parseScenario(text, file).scenario, scenario);
      assert.ok(text.length <= JSON.stringify(scenario).length);
    });
});

describe('a saved session', function () {
  this.timeout(60_000);
  let folder: string;
  let launcher: ReturnType<typeof createLauncher>;
  const open = new Set<MachineHandle>();

  before(async () => {
    launcher = createLauncher({ root, cacheDir, workerPath: await workerFile('stepped') });
    folder = mkdtempSync(join(tmpdir(), 'virtio-lab-save-'));
  });
  after(async () => {
    await Promise.all([...open].map((machine) => machine.dispose()));
    launcher.dispose();
    rmSync(folder, { recursive: true });
  });

  async function start(request: LaunchRequest): Promise<{ readonly launched: Launched; readonly state: StopState }> {
    const launched = await launcher.launch(request, never, quiet);
    open.add(launched.machine);
    return { launched, state: await launched.machine.start() };
  }

  /** Saves a session as a file of the folder. @returns its path */
  async function save(launched: Launched, name: string): Promise<string> {
    const file = join(folder, `${name}.virtio.json`);
    writeFileSync(file, await launched.save(file, name));
    return file;
  }

  const change = (file: string, edit: (scenario: Scenario) => object): void =>
    writeFileSync(file, JSON.stringify(edit(JSON.parse(readFileSync(file, 'utf8')) as Scenario)));

  function whereIs({ machine }: Launched): string {
    const vcpu = machine.state?.threads[0];
    const frame = vcpu?.kind === 'vcpu' ? vcpu.frames[0] : undefined;
    const site = frame?.kind === 'driver' && frame.site !== undefined ? machine.program.sites[frame.site] : undefined;
    return site === undefined ? 'nowhere' : `${machine.program.functions[site.func]?.name}:${site.line}`;
  }

  /** Some steps into the third packet of a burst, the payload of the second changed on the way. */
  async function edited(): Promise<Launched> {
    const { launched, state } = await start({ scenario: 'tx-burst' });
    const { machine } = launched;
    const skb = state.skbs.find((s) => s.direction === 'tx');
    assert.ok(skb);
    await machine.edit({ address: skb.address + 16, bytes: Uint8Array.of(3), text: 'a byte' });
    const site = machine.program.sites.find((s) => machine.program.functions[s.func]?.name === 'vring_add_buf');
    await machine.setLineBreakpoints([{ id: 1, sites: [site?.id ?? 0] }]);
    for (let i = 0; i < 3; i++) await machine.run({ kind: 'continue' });
    for (let i = 0; i < 5; i++) await machine.run({ kind: 'over', thread: 1 });
    return launched;
  }

  it('returns to exactly the place, with its edits, whatever else is told', async () => {
    const launched = await edited();
    const file = await save(launched, 'exact');
    const { launched: again } = await start({ scenario: file });
    assert.deepEqual(again.notices, []);
    assert.equal(await again.machine.hash(), await launched.machine.hash());
    assert.deepEqual(again.machine.state?.position, launched.machine.state?.position);
    assert.equal(again.title, 'exact');
    // and is saved again as itself
    assert.equal(await again.save(file, 'exact'), readFileSync(file, 'utf8'));
  });

  it('expects nothing of a run that was edited, and what the scenario does otherwise', async () => {
    const untouched = await start({ scenario: 'tx-burst' });
    assert.ok(loadScenario(await save(untouched.launched, 'untouched')).scenario.expect.length > 0);
    assert.deepEqual(loadScenario(await save(await edited(), 'edited')).scenario.expect, []);
  });

  it('goes to the pass of the line when a cost has changed, without the edits, and says so', async () => {
    const launched = await edited();
    const file = await save(launched, 'costly');
    change(file, (scenario) => ({ ...scenario, costs: { line: 2 } }));
    const { launched: again, state } = await start({ scenario: file });
    assert.equal(state.reason.kind, 'entry');
    assert.equal(whereIs(again), whereIs(launched));
    assert.match(
      again.notices.join(),
      /have changed.*at pass \d+ of lib\/drivers\/virtio\/virtio_ring[-\d.]*\.c:\d+ instead, if that comes, and without the edit/,
    );
    assert.deepEqual(await again.machine.edits(), []);
  });

  it('of a driver of one’s own goes to the pass of the line when the source has changed', async () => {
    cpSync(join(driversRoot, 'virtio_net/virtio_net-2.6.31.c'), join(folder, 'mine.c'));
    const { launched } = await start({ scenario: 'tx-burst', program: join(folder, 'mine.c') });
    await launched.machine.run({ kind: 'over', thread: 1 });
    const file = await save(launched, 'mine');
    const saved = loadScenario(file).scenario;
    assert.deepEqual(saved.driver, { files: ['mine.c'], kernel: '2.6.31' });
    assert.equal(saved.resume?.pass?.file, 'mine.c');
    assert.deepEqual((await start({ scenario: file })).launched.notices, []);
    writeFileSync(join(folder, 'mine.c'), `${readFileSync(join(folder, 'mine.c'), 'utf8')}\nint another;\n`);
    const { launched: again } = await start({ scenario: file });
    assert.match(again.notices.join(), /at pass 1 of mine\.c:\d+ instead, if that comes\.$/);
    assert.equal(whereIs(again), whereIs(launched));
  });

  it('runs to the end when that pass never comes, and says so there', async () => {
    const { launched } = await start({ scenario: 'tx-one-packet' });
    const file = await save(launched, 'fewer');
    change(file, (scenario) => ({
      ...scenario,
      costs: { line: 2 },
      resume: { ...scenario.resume, pass: { ...scenario.resume?.pass, nth: 1000 } },
    }));
    const again = await launcher.launch({ scenario: file }, never, quiet);
    open.add(again.machine);
    const said: string[] = [];
    again.machine.onOutput(({ kind, text }) => said.push(`${kind}: ${text}`));
    const state = await again.machine.start();
    assert.equal(state.reason.kind, 'end');
    assert.match(again.notices.join(), /at pass 1000 of .*\.c:\d+ instead, if that comes\.$/);
    assert.match(
      said.join('\n'),
      /^notice: the run is over, .*: it came once to that line, and pass 1000 was asked for$/m,
    );
  });

  it('begins at its first stop when the line is gone too', async () => {
    const { launched } = await start({ scenario: 'tx-one-packet' });
    const file = await save(launched, 'gone');
    change(file, (scenario) => ({
      ...scenario,
      costs: { line: 2 },
      resume: { ...scenario.resume, pass: { file: 'gone.c', line: 1, nth: 1 } },
    }));
    const { launched: again, state } = await start({ scenario: file });
    assert.equal(state.reason.kind, 'entry');
    assert.match(again.notices.join(), /at its first stop instead \(gone\.c:1 is no longer there\)/);
  });

  it('of captured traffic finds its capture from the new folder', async () => {
    const { launched } = await start({ scenario: 'pcap-ping' });
    const { launched: again } = await start({ scenario: await save(launched, 'capture') });
    assert.deepEqual(again.notices, []);
    assert.equal(await again.machine.hash(), await launched.machine.hash());
  });

  it('runs headless, with its edits, and says on stderr what does not hold any more', async () => {
    const file = await save(await edited(), 'headless');
    const said: string[] = [];
    const out: string[] = [];
    const env = {
      root,
      cwd: folder,
      cacheDir,
      out: (text: string) => out.push(text),
      err: (text: string) => said.push(text),
      now: () => 0,
    };
    assert.equal(await lab(['run', file, '--json'], env), EXIT.ok);
    assert.equal((JSON.parse(out.join('')) as { events: { edit: number } }).events.edit, 1);
    assert.doesNotMatch(said.join(''), /have changed/);
    change(file, (scenario) => ({ ...scenario, costs: { line: 2 } }));
    out.length = 0;
    assert.equal(await lab(['run', file, '--json'], env), EXIT.ok);
    assert.equal((JSON.parse(out.join('')) as { events: { edit: number } }).events.edit, 0);
    assert.match(said.join(''), /have changed/);
  });

  it('cannot be saved before it stands still', async () => {
    const launched = await launcher.launch({ scenario: 'tx-one-packet' }, never, quiet);
    open.add(launched.machine);
    await assert.rejects(launched.save(join(folder, 'x.virtio.json'), 'x'), /only while it is stopped/);
  });
});
