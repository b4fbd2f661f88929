// Expressions over a host thread's variables: TypeScript's meaning, and no way out of the values.
import assert from 'node:assert/strict';
import { hostValues } from '../../../../src/device';
import { compileHostExpression, showHostValue } from '../../../../src/machine/host-expression';

const scope = {
  locals: hostValues({ n: { used: 3, name: 'tx' }, list: [4, 5], features: 1n << 32n, f: () => 1, none: undefined }),
  state: { used: 7, armed: true },
  action: { do: 'use', queue: 'tx', index: 65535 },
};
const value = (text: string): unknown => compileHostExpression(text)(scope);

describe('an expression over a host’s variables', () => {
  it('means what it means in TypeScript', () => {
    for (const [text, expected] of [
      ['1 + 2 * 3', 7],
      ['(1 + 2) * 3 % 4', 1],
      ['-n.used + 0x10', 13],
      ['n.used === 3 && list[1] > list[0]', true],
      ["n.name == 'tx' ? 'yes' : 'no'", 'yes'],
      ['!armed || used < 7', false],
      ['none ?? 5', 5],
      ['features & 0x100000000', 0x100000000],
      ['1 << 4 | 3 ^ 1', 18],
      ['~0 >> 3', -1],
      ['state.used - used', 0],
      ['action.do + "!"', 'use!'],
      ['list.length', 2],
      ['list["0"]', 4],
      ['true === 1', false],
      ['null === undefined', false],
    ] as const)
      assert.equal(value(text), expected, text);
  });

  it('reaches nothing but the values', () => {
    for (const text of ['n.constructor', 'list.map', 'n.__proto__', '"x".constructor', 'f', 'process', 'globalThis'])
      assert.equal(value(text), undefined, text);
    assert.throws(() => value('none.x'), /undefined has no member x/);
    assert.throws(() => value('n * 2'), /is no number/);
    for (const text of ['f()', 'n.used = 4', 'n.used++', '`x`', 'a b', '', '1 +', '(1', 'n.', 'x => x'])
      assert.throws(() => compileHostExpression(text), SyntaxError, text);
  });

  it('shows values as one reads them', () => {
    assert.equal(showHostValue(scope.locals['n']), '{ used: 3, name: "tx" }');
    assert.equal(showHostValue([1, 'a', { b: null }]), '[1, "a", { b: null }]');
    assert.equal(showHostValue('bare'), 'bare');
  });
});
