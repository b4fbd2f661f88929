// lab test and lab experiment: what they run, what they print for people and for CI, and their exit codes.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lab } from '../../../src/cli/lab';
import type { ExperimentResult } from '../../../src/experiment';
import { workerFile } from '../../support/worker';
import { experimentText } from '../experiment/support';
import { cacheDir, root, scenarioText } from '../scenario/support';

describe('lab test and lab experiment', function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'virtio-lab-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function run(
    ...args: string[]
  ): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
    const said = { out: '', err: '' };
    const code = await lab(args, {
      root,
      cwd: folder,
      cacheDir,
      workerPath: await workerFile('headless'),
      out: (text) => (said.out += text),
      err: (text) => (said.err += text),
      now: () => 0,
    });
    return { code, ...said };
  }
  const write = (name: string, text: string): void => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  const good = scenarioText({ name: 'good', expect: [{ what: 'queues.tx.kicks', value: 1 }] });
  const bad = scenarioText({
    name: 'bad <&>',
    expect: [
      { what: 'queues.tx.kicks', value: 2 },
      { what: 'packets.tx.sent', value: 1 },
    ],
  });
  const broken = '{\n  "version": 1,\n  "name": 3\n}\n';
  const compared = (than: number): string =>
    experimentText({
      name: 'compared',
      variants: [{ name: 'a', scenario: 'good.virtio.json' }],
      expect: [{ value: 'kicks', is: '==', than }],
    });

  it('runs what is in the working directory and below, and passes when all holds', async () => {
    write('good.virtio.json', good);
    write('deep/er/also.virtio.json', scenarioText({ name: 'nothing expected' }));
    write('x.virtio-experiment.json', compared(1));
    write('node_modules/p/no.virtio.json', broken);
    write('.git/no.virtio.json', broken);
    const { code, out, err } = await run('test');
    assert.equal(
      out,
      [
        'ok      deep/er/also.virtio.json: nothing expected',
        'ok      good.virtio.json: good',
        'ok      x.virtio-experiment.json: compared',
        '3 passed, 0 failed',
        '',
      ].join('\n'),
    );
    assert.equal(code, 0);
    assert.equal(err, '0.000 s of real time\n');
  });

  it('says what does not hold, and of a file that is not right where', async () => {
    write('good.virtio.json', good);
    write('bad.virtio.json', bad);
    write('y.virtio-experiment.json', compared(7));
    const failed = await run('test');
    assert.equal(failed.code, 1);
    assert.match(failed.out, /^FAILED {2}bad\.virtio\.json: bad <&>\n {8}queues\.tx\.kicks == 2: it is 1$/m);
    assert.match(failed.out, /^FAILED {2}y\.virtio-experiment\.json: compared\n {8}kicks == 7: it is a: 1$/m);
    assert.match(failed.out, /^1 passed, 2 failed$/m);
    write('broken.virtio.json', broken);
    const { code, out } = await run('test', 'broken.virtio.json', 'good.virtio.json');
    assert.equal(code, 2);
    assert.match(
      out,
      /^ERROR {3}broken\.virtio\.json\n {8}.*broken\.virtio\.json:1:1: driver: missing.*\n {8}.*:3:11: name: found 3/m,
    );
    assert.match(out, /^1 passed, 0 failed, 1 could not be run$/m);
  });

  it('tells a driver that does not compile by its own file and line, and what was found in one', async () => {
    write('bad.c', '#include <linux/module.h>\nint f(void)\n{\n\treturn nothing;\n}\n');
    write('a.virtio.json', scenarioText({ driver: { files: ['bad.c'] } }));
    write(
      'warns.c',
      '#include <linux/module.h>\nstatic int __init init(void)\n{\n\tWARN_ON(1);\n\treturn 0;\n}\nmodule_init(init);\n',
    );
    write('b.virtio.json', scenarioText({ driver: { files: ['warns.c'] }, traffic: [] }));
    const { code, out } = await run('test');
    assert.equal(code, 2);
    assert.match(out, /^ERROR {3}a\.virtio\.json\n {8}.*bad\.c:4:9: error: .*nothing/m);
    assert.match(out, /^FAILED {2}b\.virtio\.json: test\n {8}nothing is found: \S*warns\.c:4 in init: .*\[warn-1\]$/m);
  });

  it('writes JUnit XML, a case for each expectation', async () => {
    write('bad.virtio.json', bad);
    write('broken.virtio.json', broken);
    const { code, out } = await run('test', '--reporter', 'junit');
    assert.equal(code, 2);
    assert.match(out, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="virtio-lab">\n/);
    assert.match(
      out,
      /<testsuite name="bad\.virtio\.json: bad &lt;&amp;&gt;" tests="2" failures="1" errors="0">\n {4}<testcase classname="bad\.virtio\.json" name="queues\.tx\.kicks == 2">\n {6}<failure message="it is 1">it is 1<\/failure>\n {4}<\/testcase>\n {4}<testcase classname="bad\.virtio\.json" name="packets\.tx\.sent == 1"\/>\n {2}<\/testsuite>/,
    );
    assert.match(
      out,
      /tests="1" failures="0" errors="1">\n.*name="is run">\n {6}<error message=".*driver: missing[^"]*">/,
    );
    // every element that is opened is closed
    const stack: string[] = [];
    for (const [, close, name = '', self] of out.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
      if (close === '/') assert.equal(stack.pop(), name);
      else if (self !== '/') stack.push(name);
    }
    assert.deepEqual(stack, []);
  });

  it('prints JSON, and splits what there is into shards that miss nothing', async () => {
    for (const n of [1, 2, 3, 4, 5]) write(`s${n}.virtio.json`, good);
    const paths = async (...args: string[]): Promise<readonly string[]> => {
      const { out } = await run('test', '--json', ...args);
      return (JSON.parse(out) as { files: { path: string }[] }).files.map(({ path }) => path);
    };
    const all = await paths();
    assert.equal(all.length, 5);
    const parts = [await paths('--shard', '1/2'), await paths('--shard', '2/2')];
    assert.deepEqual(parts.flat().sort(), all);
    assert.deepEqual(
      parts.map(({ length }) => length),
      [3, 2],
    );
    const empty = await run('test', 's1.virtio.json', '--shard', '2/3');
    assert.equal(empty.code, 0);
    assert.equal(empty.out, '0 passed, 0 failed\n');
    assert.match(empty.err, /shard 2 of 3: 0 of 1 files/);
  });

  it('takes names of what is bundled, each file once', async () => {
    const { code, out } = await run('test', 'tx-one-packet', 'notify-on-empty', 'tx-one-packet', '--quick');
    assert.equal(code, 0, out);
    assert.match(out, /notify-on-empty\.virtio-experiment\.json: /);
    assert.match(out, /^2 passed, 0 failed$/m);
  });

  it('exits with 2 when there is nothing to test, or nothing of a name', async () => {
    const nothing = await run('test');
    assert.equal(nothing.code, 2);
    assert.match(nothing.err, /nothing to test: no \*\.virtio\.json .* in .*virtio-lab-test-/);
    write('a.txt', '');
    for (const [args, said] of [
      [['test', 'none'], /none: there is no such file, and no bundled/],
      [['test', 'a.txt'], /a\.txt: expected a \*\.virtio\.json/],
      [['test', '--shard', '3/2'], /--shard: found 3\/2, expected I\/N/],
      [['test', '--reporter', 'tap'], /found tap, expected spec or junit/],
      [['test', '--json', '--reporter', 'spec'], /not both/],
      [['experiment'], /an experiment is missing/],
      [['experiment', 'a', 'b'], /takes one experiment; found b/],
      [['experiment', 'a', '--json', '--markdown'], /not both/],
      [['experiment', 'none'], /no experiment none: .*tx-timer/],
    ] as const) {
      const { code, out, err } = await run(...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(err, said);
      assert.equal(out, '');
    }
  });

  it('runs an experiment: a table, JSON or Markdown, and 1 when what it expects does not hold', async () => {
    write('good.virtio.json', good);
    write('x.virtio-experiment.json', compared(1));
    const table = await run('experiment', 'x.virtio-experiment.json');
    assert.equal(table.code, 0);
    assert.match(table.out, /^compared\n\n +kicks +kicks per packet +exits/);
    assert.match(table.out, /^ {2}ok {6}kicks == 1$/m);
    const result = JSON.parse((await run('experiment', 'x.virtio-experiment.json', '--json')).out) as ExperimentResult;
    assert.equal(result.rows[0]?.report?.queues['tx']?.kicks, 1);
    assert.match((await run('experiment', 'x.virtio-experiment.json', '--markdown')).out, /^\| a \| 1 \| 1 \|/m);
    write('x.virtio-experiment.json', compared(7));
    assert.equal((await run('experiment', 'x.virtio-experiment.json')).code, 1);
  });

  it('lists experiments after the scenarios', async () => {
    const { out } = await run('list');
    assert.match(out, /^SCENARIOS\n/);
    assert.match(out, /\nEXPERIMENTS\n(.*\n)*tx-timer\n {2}Host TX timer/);
    const entries = JSON.parse((await run('list', '--json')).out) as { kind: string; id: string }[];
    assert.deepEqual(new Set(entries.map(({ kind }) => kind)), new Set(['scenario', 'experiment']));
  });
});
