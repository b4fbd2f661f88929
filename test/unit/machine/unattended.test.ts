// Headless runs in workers that go from one run to the next: each is what it is alone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { RunCancelled, UnattendedRuns, type HeadlessResult } from '../../../src/machine';
import { withCallsInPlace } from '../../../scripts/lib/host-calls';
import { eventLine } from '../../../src/machine/event-log';
import { runHeadless } from '../../../src/machine/headless';
import {
  fixtureDriver,
  logOf,
  machine,
  MODERN,
  program,
  ringMinimal,
  rx,
  setup,
  toEnd,
  tx,
  VIRTIO_NET,
  virtioNet,
} from '../../support/machine';
import { workerFile } from '../../support/worker';

/** What is told of a run, without its RAM. */
function alone(to: ReturnType<typeof setup>, level?: 'run' | 'measure'): HeadlessResult {
  const { ram: _ram, runtimePages: _pages, ...result } = runHeadless(to, level === undefined ? {} : { level });
  return result;
}

const PINGS = { count: 20, size: 98, atNs: 2_000_000, intervalNs: 0, peerNs: 10_000 } as const;

describe('unattended runs', function () {
  this.timeout(60_000);
  let runs: UnattendedRuns;
  before(async () => {
    runs = new UnattendedRuns(await workerFile('headless'));
  });
  after(() => runs.dispose());

  it('are the same in a worker that has run others before, of other programs and levels', async () => {
    const one = setup(await virtioNet(), { traffic: [tx(40), rx(40)] });
    const other = setup(await ringMinimal(), { features: MODERN, traffic: [tx(7)] });
    assert.deepEqual(await runs.run(one), alone(one));
    assert.deepEqual(await runs.run(other), alone(other));
    assert.deepEqual(await runs.run(one, { level: 'measure' }), alone(one, 'measure'));
    assert.deepEqual(await runs.run(one), alone(one));
  });

  it('side by side each have a worker of their own', async () => {
    const setups = [5, 6, 7].map(async (count) => setup(await virtioNet(), { traffic: [tx(count)] }));
    const results = await Promise.all(setups.map(async (to) => runs.run(await to)));
    assert.deepEqual(
      results.map((result) => result.tx.done),
      [5, 6, 7],
    );
  });

  it('go on after one that was given up', async () => {
    const endless = setup(await virtioNet(), { traffic: [tx(100_000_000)], limitNs: Number.MAX_SAFE_INTEGER });
    const stop = new AbortController();
    const run = runs.run(endless, { signal: stop.signal });
    stop.abort();
    await assert.rejects(run, RunCancelled);
    const next = setup(await virtioNet(), { traffic: [tx(3)] });
    assert.equal((await runs.run(next)).tx.done, 3);
  });

  it('tell what was found, and where', async () => {
    const text = readFileSync(VIRTIO_NET, 'utf8').replace(
      'netdev_priv(dev);\n\nagain:\n',
      'netdev_priv(dev);\n\n\t*(volatile int *)64 = 1;\nagain:\n',
    );
    const to = setup(await program([{ path: fixtureDriver('virtio_net.c'), text }]));
    const { findings } = await runs.run(to);
    assert.deepEqual(findings, alone(to).findings);
    assert.ok(findings.some(({ where }) => where !== undefined));
  });

  // What only runs lets a host thread go on as long as it is alone, and keeps its calls for it: what is stepped does neither.
  for (const [model, parameters] of [
    ['qemu-timer', {}],
    ['qemu-bh', { storeBuffer: 3, txBurst: 2 }],
    ['qemu-iothread', {}],
    ['lguest-2.6.30', {}],
    ['lguest-2.6.31', {}],
    ['lguest-2.6.31', { storeBuffer: 4, timeoutUs: 30 }],
    ['vhost', {}],
    ['vhost', { storeBuffer: 2, mb: false, txBatch: 3 }],
    ['liar', { lie: 6 }],
  ] as const)
    it(`do what a stepped run does, to the tick and the ns: ${model} ${JSON.stringify(parameters)}`, async () => {
      const to = setup(await virtioNet(), {
        queues: { rx: 64, tx: 16 },
        host: { model, parameters },
        traffic: [tx(60, 2_000), rx(40, 3_000), { kind: 'ping', from: 'guest', ...PINGS }],
      });
      const handle = await machine(to);
      await handle.start();
      await toEnd(handle);
      const stepped = await logOf(handle);
      await handle.dispose();
      assert.ok(stepped.length > 1000);
      assert.deepEqual((await runs.run(to, { keepLog: true })).log.map(eventLine), stepped);
      assert.deepEqual(runHeadless(to, { keepLog: true }).log.map(eventLine), stepped);
    });

  describe('have models whose code', () => {
    const built = (text: string): string => withCallsInPlace(text, 'a.ts').replace(/\s+/g, ' ').trim();
    const DOES = (kind: string): string => `(ahead.does(${kind}, { do: ${kind} }) ? ahead.result : yield ahead.action)`;
    const IMPORT = "import { ahead } from '../ahead';";

    it('asks before it yields an action', () =>
      assert.equal(
        built("function* f() { if ((yield { do: 'a' }) > 0) yield other; }"),
        `${IMPORT} function* f() { if ((${DOES("'a'")}) > 0) (ahead.acts(other) ? ahead.result : yield ahead.action); }`,
      ));

    it('has the functions that it calls in place, with what they return', () =>
      assert.equal(
        built(
          "function* g(x) { if (x) return 1; yield { do: 'a' }; return x; } function* f() { const y = yield* g(2); }",
        ).split('function* f')[1],
        `() { let result1; { let argument1_0 = 2; call1: { let x = argument1_0; { if (x) { result1 = 1; break call1; } ${DOES("'a'")}; { result1 = x; break call1; } } } } const y = result1; }`,
      ));

    it('calls what cannot be put in place: in an expression, itself, or where a name would mean another thing', () => {
      const f = '() { const n = 1; if (yield* g()) yield* g(); yield* f({ n: 1 }.n); }';
      assert.equal(built(`function* g() { yield n; } function* f${f}`).split('function* f')[1], f);
    });
  });
});
