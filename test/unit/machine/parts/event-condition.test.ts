// Conditions on events: what they may say, what they mean, and what is wrong with the others, in words.
import assert from 'node:assert/strict';
import { compileEventCondition } from '../../../../src/machine/event-condition';
import type { MachineEvent } from '../../../../src/machine';

const event: MachineEvent = {
  seq: 7,
  position: { tick: 120, sub: 0 },
  timeNs: 4000,
  who: 'driver',
  what: 'expose',
  queue: 'tx',
  detail: { from: 3, to: 4, why: '' },
};

const holds = (text: string, of: MachineEvent = event): boolean => compileEventCondition(text)(of);

describe('event condition', () => {
  const cases: Readonly<Record<string, boolean>> = {
    'queue == "tx"': true,
    "queue == 'rx'": false,
    'queue != "rx"': true,
    'to > 3': true,
    'to > 4': false,
    'to >= 4 && from <= 3': true,
    'to < 4 || from < 4': true,
    'to == 0x4': true,
    'time >= 0xfa0 && tick == 120': true,
    'who == "driver" && what == "expose"': true,
    '!(queue == "tx")': false,
    '!!to': true,
    'queue=="tx"&&to>3': true,
  };
  for (const [text, expected] of Object.entries(cases))
    it(`${text} is ${expected}`, () => assert.equal(holds(text), expected));

  it('&& binds stronger than ||, and comparisons stronger than both', () => {
    assert.equal(holds('to == 4 || to == 5 && from == 9'), true);
    assert.equal(holds('(to == 4 || to == 5) && from == 9'), false);
  });

  it('a field that the event lacks equals nothing and is neither less nor greater', () => {
    const { queue: _queue, ...without } = event;
    for (const text of ['queue == "tx"', 'head < 3', 'head >= 0', 'head == 0', 'head', 'toString', 'constructor'])
      assert.equal(holds(text, without), false, text);
    assert.equal(holds('queue != "tx"', without), true);
  });

  it('a number is never compared to a text', () => {
    for (const text of ['to == "4"', 'to < "5"', 'queue > 1']) assert.equal(holds(text), false, text);
    assert.equal(holds('to != "4"'), true);
  });

  it('what cannot be read is refused with the place', () => {
    const wrong: Readonly<Record<string, RegExp>> = {
      '': /ends where/,
      'queue ==': /ends where/,
      'queue = "tx"': /cannot read "= "tx""/,
      '(to > 3': /"\)" is missing/,
      'to > 3 4': /left over/,
      '&& to': /"&&" stands where a value should/,
      'queue == "tx': /cannot read/,
      'to + 1 == 5': /cannot read/,
      'kick(1)': /left over/,
    };
    for (const [text, message] of Object.entries(wrong))
      assert.throws(
        () => compileEventCondition(text),
        (error: Error) => {
          assert.ok(error instanceof SyntaxError, text);
          assert.match(error.message, message);
          assert.ok(error.message.startsWith(`"${text}"`));
          return true;
        },
      );
  });
});
