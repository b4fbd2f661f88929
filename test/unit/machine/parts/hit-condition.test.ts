// Hit conditions: which of the first passes each form stops at.
import assert from 'node:assert/strict';
import { compileHitCondition } from '../../../../src/machine/hit-condition';

const passes = (text: string): number[] => {
  const test = compileHitCondition(text);
  return [1, 2, 3, 4, 5, 6, 7, 8, 9].filter(test);
};

describe('hit condition', () => {
  const cases: Readonly<Record<string, readonly number[]>> = {
    '7': [7, 8, 9],
    '>= 7': [7, 8, 9],
    '> 7': [8, 9],
    '== 7': [7],
    '<3': [1, 2],
    '<= 3': [1, 2, 3],
    ' % 4 ': [4, 8],
    '0': [1, 2, 3, 4, 5, 6, 7, 8, 9],
    '== 0': [],
  };
  for (const [text, expected] of Object.entries(cases))
    it(`"${text}" stops at ${expected.join(', ') || 'none'}`, () => assert.deepEqual(passes(text), expected));

  it('anything else is refused, and the text says what was found', () => {
    for (const text of ['', 'often', '-1', '1.5', '== ', '!= 3', '3 %', '% 0', '99999999999999999999', '3; 4'])
      assert.throws(
        () => compileHitCondition(text),
        (error: Error) => {
          assert.ok(error instanceof SyntaxError, text);
          assert.ok(error.message.includes(`"${text}"`), error.message);
          return true;
        },
      );
  });
});
