// Jobs in lanes: how many run at a time, in what order, and what a failure takes along.
import assert from 'node:assert/strict';
import { runInLanes, type Ended, type Job } from '../../../scripts/lib/lanes.mjs';

/** Jobs that end when they are told to, and what has begun so far. */
class Stage {
  readonly begun: string[] = [];
  private readonly open = new Map<string, (ok: boolean) => void>();

  job(name: string, more: Partial<Job<string>> = {}): Job<string> {
    const run = (): Promise<string> => {
      this.begun.push(name);
      return new Promise((resolve, reject) =>
        this.open.set(name, (ok) => (ok ? resolve(`${name}!`) : reject(new Error(`${name} broke`)))),
      );
    };
    return { name, run, ...more };
  }

  /** Ends a job, and lets the others go as far as they can. */
  async end(name: string, ok = true): Promise<void> {
    this.open.get(name)?.(ok);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const told = (ended: readonly Ended<string>[]): string[] =>
  ended.map((how) =>
    'result' in how ? how.result : 'missing' in how ? `${how.name} lacks ${how.missing}` : String(how.error),
  );

describe('jobs in lanes', () => {
  it('run as many at a time as there are lanes, the first of the list first', async () => {
    const stage = new Stage();
    const all = runInLanes(
      ['a', 'b', 'c', 'd'].map((name) => stage.job(name)),
      2,
      () => undefined,
    );
    assert.deepEqual(stage.begun, ['a', 'b']);
    await stage.end('b');
    assert.deepEqual(stage.begun, ['a', 'b', 'c']);
    await stage.end('a');
    await stage.end('d');
    await stage.end('c');
    assert.deepEqual(told(await all), ['a!', 'b!', 'c!', 'd!']);
  });

  it('wait for what they need, and later ones go first meanwhile', async () => {
    const stage = new Stage();
    const jobs = [stage.job('build'), stage.job('test', { needs: ['build'] }), stage.job('lint')];
    const all = runInLanes(jobs, 2, () => undefined);
    assert.deepEqual(stage.begun, ['build', 'lint']);
    await stage.end('lint');
    assert.deepEqual(stage.begun, ['build', 'lint']);
    await stage.end('build');
    assert.deepEqual(stage.begun, ['build', 'lint', 'test']);
    await stage.end('test');
    assert.deepEqual(told(await all), ['build!', 'test!', 'lint!']);
  });

  it('of one kind run alone', async () => {
    const stage = new Stage();
    const jobs = [stage.job('a', { alone: 'browser' }), stage.job('b', { alone: 'browser' }), stage.job('c')];
    const all = runInLanes(jobs, 3, () => undefined);
    assert.deepEqual(stage.begun, ['a', 'c']);
    await stage.end('a');
    assert.deepEqual(stage.begun, ['a', 'c', 'b']);
    await stage.end('b');
    await stage.end('c');
    await all;
  });

  it('that fail take along what needs them, and nothing else; each is told of as it ends', async () => {
    const stage = new Stage();
    const jobs = [
      stage.job('build'),
      stage.job('test', { needs: ['build'] }),
      stage.job('after the test', { needs: ['test'] }),
      stage.job('lint'),
    ];
    const order: string[] = [];
    const all = runInLanes(jobs, 1, ({ name }) => order.push(name));
    await stage.end('build', false);
    assert.deepEqual(stage.begun, ['build', 'lint']);
    await stage.end('lint');
    const lacks = ['test lacks build', 'after the test lacks test'];
    assert.deepEqual(told(await all), ['Error: build broke', ...lacks, 'lint!']);
    assert.deepEqual(order, ['build', 'test', 'after the test', 'lint']);
  });

  it('that need one that is not there are an error, not a wait for ever', async () => {
    const stage = new Stage();
    await assert.rejects(
      runInLanes([stage.job('test', { needs: ['biuld'] })], 1, () => undefined),
      /test: needs no job has/,
    );
  });
});
