// The command line: what it prints where, its exit codes, and what it says of wrong usage and input.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lab } from '../../../src/cli/lab';
import { readPcap } from '../../../src/device';
import type { Report } from '../../../src/scenario';
import { scenarioText } from '../scenario/support';

const root = join(__dirname, '../../..');

describe('lab', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'virtio-lab-cli-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function run(
    ...args: string[]
  ): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
    const said = { out: '', err: '' };
    const code = await lab(args, {
      root,
      cwd: folder,
      cacheDir: join(root, 'node_modules/.cache/virtio-lab'),
      out: (text) => (said.out += text),
      err: (text) => (said.err += text),
      now: () => 0,
    });
    return { code, ...said };
  }
  const write = (name: string, fields: Readonly<Record<string, unknown>>): void =>
    writeFileSync(join(folder, name), scenarioText(fields));

  it('runs a bundled scenario by name, and prints its report', async () => {
    const { code, out, err } = await run('run', 'tx-one-packet');
    assert.equal(code, 0);
    assert.match(out, /^TX: one packet, QEMU 150 µs timer\n/);
    assert.match(out, /^ {2}ok {6}packets\.tx\.sent == 1$/m);
    assert.equal(err, '0.000 s of real time\n');
  });

  it('prints nothing but JSON on stdout with --json, the same at both levels', async () => {
    const { code, out } = await run('run', 'tx-one-packet', '--json');
    assert.equal(code, 0);
    const report = JSON.parse(out) as Report;
    assert.equal(report.version, 1);
    assert.equal(report.packets.tx.sent, 1);
    assert.equal((await run('run', 'tx-one-packet', '--json', '--level', 'debug')).out, out);
  });

  it('writes the log and the frames that were sent', async () => {
    const { code, out } = await run('run', 'pcap-ping', '--json', '--log', 'x.log', '--pcap=x.pcap');
    assert.equal(code, 0);
    const { events } = JSON.parse(out) as Report;
    const log = readFileSync(join(folder, 'x.log'), 'utf8').trimEnd().split('\n');
    assert.equal(
      log.length,
      Object.values(events).reduce((sum, n) => sum + n, 0),
    );
    assert.match(log[0] ?? '', /^\d+\.\d+ \d+ driver status - from=0 to=1$/);
    assert.match(log.at(-1) ?? '', / machine end - how=done$/);
    const sent = readPcap(readFileSync(join(folder, 'x.pcap'))).packets;
    const captured = readPcap(readFileSync(join(root, 'scenarios/pcap/ping.pcap'))).packets;
    assert.deepEqual(
      sent.map((p) => p.bytes),
      captured.filter((_, i) => i % 2 === 0).map((p) => p.bytes),
    );
    assert.equal((await run('run', 'pcap-ping', '--log', '-')).out.split('\n')[0], log[0]);
  });

  it('keeps the whole log of a run that is longer than what is kept in memory', async () => {
    write('long.virtio.json', { traffic: [{ kind: 'tx', count: 60_000, intervalNs: 5000 }] });
    const { code, out } = await run('run', 'long.virtio.json', '--json', '--log', 'x.log');
    assert.equal(code, 0);
    const total = Object.values((JSON.parse(out) as Report).events).reduce((sum, n) => sum + n, 0);
    assert.ok(total > 800_000, `${total}`);
    assert.equal(readFileSync(join(folder, 'x.log'), 'utf8').split('\n').length, total + 1);
  });

  it('sets module parameters of the driver', async () => {
    const { code, out } = await run('run', 'rx-burst', '--json', '--param', 'napi_weight=4', '--param=csum=0');
    assert.equal(code, 0);
    const polls = (text: string): number => (JSON.parse(text) as Report).events['napi'] ?? 0;
    assert.ok(polls(out) > polls((await run('run', 'rx-burst', '--json')).out));
    const wrong = await run('run', 'rx-burst', '--param', 'napi_wait=4');
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /params: napi_wait: the driver has no such parameter; there are .*napi_weight \(int\)/);
  });

  it('exits with 1 when an expectation fails, and says by how much', async () => {
    write('a.virtio.json', { expect: [{ what: 'queues.tx.kicks', value: 7 }] });
    const { code, out } = await run('run', 'a.virtio.json');
    assert.equal(code, 1);
    assert.match(out, /^ {2}FAILED {2}queues\.tx\.kicks == 7: it is 1$/m);
  });

  it('exits with 1 when something is found, and names its line', async () => {
    const lines = [
      '#include <linux/module.h>',
      'static int __init init(void)',
      '{',
      '\tWARN_ON(1);',
      '\treturn 0;',
      '}',
    ];
    writeFileSync(join(folder, 'warns.c'), [...lines, 'module_init(init);', ''].join('\n'));
    write('warns.virtio.json', { driver: { files: ['warns.c'] }, traffic: [] });
    const { code, out } = await run('run', 'warns.virtio.json');
    assert.equal(code, 1);
    assert.match(out, /^ {2}1 finding:\n {4}\S*\/warns\.c:4 in init: .*\[warn-1\]$/m);
  });

  it('does not fail for a finding that the scenario expects', async () => {
    const liar = {
      device: { host: { model: 'liar', parameters: { lie: 1, honest: 0 } } },
      traffic: [{ kind: 'tx', count: 1 }],
    };
    write('lie.virtio.json', liar);
    const { code, err } = await run('run', 'lie.virtio.json');
    assert.equal(code, 1);
    assert.match(err, /id \d+ out of range/);
    write('expected.virtio.json', { ...liar, expect: [{ what: 'findings.0.id', value: 'bad-ring-1' }] });
    assert.equal((await run('run', 'expected.virtio.json')).code, 0);
  });

  it('exits with 2 for wrong usage, and shows the right one', async () => {
    for (const [args, said] of [
      [[], /a command is missing/],
      [['walk'], /there is no command walk/],
      [['run'], /a scenario is missing/],
      [['run', 'a', 'b'], /takes one scenario; found b as well/],
      [['run', 'a', '--jsn'], /no option --jsn; there are --json, --log/],
      [['run', 'a', '--log'], /--log: a value is missing/],
      [['run', 'a', '--level', 'fast'], /found fast, expected run, debug or measure/],
      [['run', 'a', '--param', 'x'], /--param: found x, expected NAME=VALUE/],
      [['list', 'x'], /list takes no x/],
    ] as const) {
      const { code, out, err } = await run(...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(err, said);
      assert.match(err, /^usage:$/m);
      assert.equal(out, '');
    }
    assert.equal((await run('run', '--help')).code, 0);
  });

  it('exits with 2 for a scenario that is not there or not right', async () => {
    const missing = await run('run', 'none');
    assert.equal(missing.code, 2);
    assert.match(missing.err, /no scenario none: .*tx-one-packet/);
    write('bad.virtio.json', { traffic: [{ kind: 'pcap', file: 'x.pcap' }], remove: 1 });
    const bad = await run('run', 'bad.virtio.json');
    assert.equal(bad.code, 2);
    assert.match(bad.err, /bad\.virtio\.json:1:\d+: remove: found 1, expected true or false$/m);
    write('bad.virtio.json', { traffic: [{ kind: 'pcap', file: 'x.pcap' }] });
    const check = await run('check', 'bad.virtio.json');
    assert.equal(check.code, 2);
    assert.match(check.err, /bad\.virtio\.json:1:\d+: traffic\[0\]\.file: x\.pcap: there is no such file/);
    write('bad.virtio.json', {
      driver: { bundled: 'virtio_net-2.6.31', params: { napi_wieght: 64 } },
      stopAt: { function: 'strat_xmit' },
    });
    const named = await run('check', 'bad.virtio.json');
    assert.equal(named.code, 2);
    assert.match(named.err, /bad\.virtio\.json:1:\d+: driver\.params\.napi_wieght: the driver has no such parameter; /);
    assert.match(
      named.err,
      /bad\.virtio\.json:1:\d+: stopAt\.function: the driver has no function "strat_xmit" that is ever called; there are start_xmit \(/,
    );
    const unwritable = await run('run', 'tx-one-packet', '--log', 'no/such/folder');
    assert.equal(unwritable.code, 2);
    assert.match(unwritable.err, /^lab: --log: no\/such\/folder cannot be written: ENOENT/m);
    const frames = await run('run', 'tx-one-packet', '--pcap', 'no/such/folder');
    assert.match(frames.err, /^lab: --pcap: no\/such\/folder cannot be written: ENOENT/m);
  });

  it('exits with 2 for a driver that does not compile, with file and line', async () => {
    writeFileSync(join(folder, 'bad.c'), '#include <linux/module.h>\nint f(void)\n{\n\treturn nothing;\n}\n');
    write('c.virtio.json', { driver: { files: ['bad.c'] } });
    const { code, err, out } = await run('run', 'c.virtio.json');
    assert.equal(code, 2);
    assert.equal(out, '');
    assert.match(err, /bad\.c:4:9: error: .*nothing/);
    assert.equal((await run('check', 'c.virtio.json')).err, err);
  });

  it('checks, and lists what is bundled', async () => {
    const checked = await run('check', 'tx-burst');
    assert.equal(checked.code, 0);
    assert.match(checked.out, /“TX: a burst of 10 within 150 µs” is in order/);
    const listed = await run('list', '--json');
    const entries = JSON.parse(listed.out) as { id: string; name: string; description: string }[];
    assert.equal(entries.find((e) => e.id === 'tx-one-packet')?.name, 'TX: one packet, QEMU 150 µs timer');
    assert.match((await run('list')).out, /^rx-burst\n {2}RX: a burst of 100, refilled\n/m);
  });
});
