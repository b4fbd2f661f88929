// What a run with a failure tells: of the suite in sequence that failed, nothing more; of every other suite, everything.
import assert from 'node:assert/strict';
import Mocha from 'mocha';
import { inSequence } from '../../support/in-sequence';

type Outcome = 'passes' | 'fails';

/** Runs suites, given by the outcomes of their tests, in a mocha of their own. @returns state of each test, by title */
async function run(
  suites: Readonly<Record<string, { readonly tests: readonly Outcome[]; readonly inner?: readonly Outcome[] }>>,
): Promise<Record<string, string>> {
  const mocha = new Mocha({ reporter: class {} as never });
  const add = (suite: Mocha.Suite, tests: readonly Outcome[]): void =>
    tests.forEach((outcome, i) =>
      suite.addTest(
        new Mocha.Test(`${suite.title} ${i + 1}`, () => {
          if (outcome === 'fails') throw new Error('as it was told to');
        }),
      ),
    );
  for (const [title, { tests, inner = [] }] of Object.entries(suites)) {
    const suite = Mocha.Suite.create(mocha.suite, title);
    inSequence(suite);
    add(suite, tests);
    add(Mocha.Suite.create(suite, `${title}'s inner`), inner);
  }
  const states: Record<string, string> = {};
  await new Promise<void>((done) => {
    const runner = mocha.run(() => done());
    runner.on('test end', (test) => (states[test.title] = test.state ?? (test.pending ? 'pending' : 'none')));
  });
  return states;
}

describe('a suite in sequence', () => {
  it('is skipped after its first failure, and the next suite runs to its end', async () => {
    assert.deepEqual(
      await run({ one: { tests: ['passes', 'fails', 'passes'] }, other: { tests: ['passes', 'passes'] } }),
      {
        'one 1': 'passed',
        'one 2': 'failed',
        'one 3': 'pending',
        'other 1': 'passed',
        'other 2': 'passed',
      },
    );
  });

  it('takes the suites inside it along', async () => {
    assert.deepEqual(await run({ one: { tests: ['fails'], inner: ['passes'] } }), {
      'one 1': 'failed',
      "one's inner 1": 'pending',
    });
    assert.deepEqual(await run({ one: { tests: ['passes'], inner: ['passes', 'fails', 'passes'] } }), {
      'one 1': 'passed',
      "one's inner 1": 'passed',
      "one's inner 2": 'failed',
      "one's inner 3": 'pending',
    });
  });
});
