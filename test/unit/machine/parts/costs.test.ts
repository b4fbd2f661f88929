// Costs: overrides by name, and what is refused.
import assert from 'node:assert/strict';
import { costsWith, DEFAULT_COSTS } from '../../../../src/machine/costs';

describe('costs', () => {
  it('are the defaults but for what a scenario overrides', () => {
    assert.deepEqual(costsWith({}), DEFAULT_COSTS);
    assert.deepEqual(costsWith({ injection: 0, line: 4 }), { ...DEFAULT_COSTS, injection: 0, line: 4 });
    assert.equal(DEFAULT_COSTS.line, 1);
  });

  it('a name that is none is refused, with those there are', () => {
    assert.throws(() => costsWith({ exits: 3 }), /costs\.exits: no such cost; .*exitSynchronous, exitLight/);
  });

  it('a value must be a whole number of ns, and time must pass', () => {
    for (const value of [-1, 0.5, NaN, Infinity, 2 ** 60])
      assert.throws(() => costsWith({ hostRead: value }), {
        name: 'RangeError',
        message: `costs.hostRead: found ${value}, expected a whole number of ns, at least 0`,
      });
    for (const name of ['line', 'softLockup'])
      assert.throws(() => costsWith({ [name]: 0 }), new RegExp(`costs\\.${name}: found 0, .* at least 1`));
  });
});
