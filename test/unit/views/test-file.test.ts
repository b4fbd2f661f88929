// A scenario file as the Testing view takes it: expectations with their lines, also of a file that is being written.
import assert from 'node:assert/strict';
import { testPlaces } from '../../../src/views/testing/test-file';

const TEXT = `{
  // what it is called
  "name": "N",
  "expect": [
    { "what": "queues.tx.kicks", "value": 1 },
    {
      "what": "packets.tx.sent",
      "is": ">=",
      "value": 2
    },
  ]
}
`;

describe('a scenario file as tests', () => {
  it('has its expectations in order, with their lines', () => {
    assert.deepEqual(testPlaces(TEXT), {
      lines: { first: 2, last: 2 },
      expectations: [
        { label: 'queues.tx.kicks == 1', lines: { first: 4, last: 4 } },
        { label: 'packets.tx.sent >= 2', lines: { first: 5, last: 9 } },
      ],
      expectsFindings: false,
    });
  });

  it('knows whether the scenario says itself what is to be found', () => {
    const text = '{ "expect": [{ "what": "findings.length", "value": 1 }] }';
    assert.equal(testPlaces(text).expectsFindings, true);
    assert.equal(testPlaces(text.replace('findings.length', 'findingsOf')).expectsFindings, false);
  });

  it('makes of a broken file what can be made of it', () => {
    assert.deepEqual(testPlaces('').expectations, []);
    assert.deepEqual(testPlaces('[1, 2]').lines, { first: 0, last: 0 });
    assert.equal(testPlaces('{ "expect": [{ "what": "lines", "val').expectations.length, 1);
    assert.deepEqual(
      testPlaces('{ "expect": [3, null] }').expectations.map(({ label }) => label),
      ['an expectation', 'an expectation'],
    );
    assert.deepEqual(testPlaces('['.repeat(100_000)).expectations, []);
  });
});
