// Lines to sites, and the brace count that tells a function the compiler left out.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { braceDepth, Lines } from '../../../src/debug/lines';
import { fakeProgram, RING_H, SITE, TX_C } from './fake-program';

describe('debug: lines to sites', () => {
  const lines = new Lines(fakeProgram());
  const text = async (): Promise<string> => readFileSync(TX_C, 'utf8');
  const at = (line: number, column?: number) => lines.resolve([0], line, column, text);

  it('arms the first site of a line, once a pass', async () => {
    const found = await at(21);
    assert.deepEqual(found.kind === 'found' && [found.sites, found.at.line], [[SITE.add], 21]);
  });

  it('arms the site at a column where one begins', async () => {
    const found = await at(21, 17);
    assert.deepEqual(found.kind === 'found' && found.sites, [SITE.kick]);
  });

  it('takes the line when no site begins at the column', async () => {
    const found = await at(21, 3);
    assert.deepEqual(found.kind === 'found' && found.sites, [SITE.add]);
  });

  it('arms every copy of a static inline', async () => {
    const found = await lines.resolve([1], 4, undefined, async () => readFileSync(RING_H, 'utf8'));
    assert.deepEqual(found.kind === 'found' && found.sites, [SITE.inFull, SITE.inFullCopy]);
  });

  it('moves a line without code down within the function', async () => {
    const found = await at(17);
    assert.equal(found.kind === 'found' && found.at.line, 18);
  });

  it('moves a comment between functions to the next function', async () => {
    const found = await at(24);
    assert.equal(found.kind === 'found' && found.at.line, 27);
  });

  it('refuses to move out of a function that was left out, or out of a declaration', async () => {
    for (const line of [6, 10]) {
      const found = await at(line);
      assert.match(found.kind === 'none' ? found.why : '', /^no code here: the compiler left this function out/);
    }
  });

  it('has a reason for a line after all code, and for a file that is not of the driver', async () => {
    const after = await at(29);
    assert.equal(after.kind === 'none' && after.why, 'no code on or after this line');
    const foreign = await lines.resolve([], 1, undefined, text);
    assert.equal(foreign.kind === 'none' && foreign.why, 'this file is not part of the driver');
  });

  it('resolves functions by name, and by file and name', () => {
    const every = lines.resolveFunction('full');
    assert.deepEqual(every.kind === 'found' && every.sites, [SITE.inFull, SITE.inFullCopy]);
    const one = lines.resolveFunction('tx.c:start_xmit');
    assert.deepEqual(one.kind === 'found' && one.sites, [SITE.head]);
    assert.equal(lines.resolveFunction('ring.h:start_xmit').kind, 'none');
    assert.equal(lines.resolveFunction('').kind, 'none');
  });

  it('lists the places of a range of lines', () => {
    const places = lines.locations([0], 19, 22).map((s) => [s.line, s.column]);
    assert.deepEqual(places, [
      [19, 3],
      [21, 9],
      [21, 17],
      [22, 2],
    ]);
  });

  it('counts braces past comments, strings and branches of #if', () => {
    const source = [
      '/* { */ // {',
      'char *a = "{\\"{"; char b = \'{\';',
      '#ifdef A',
      'void f(int x) {',
      '#else',
      'void f(long x) {',
      '#endif',
      '\treturn;',
      '}',
      'int z;',
    ].join('\n');
    assert.equal(braceDepth(source, 4), 0);
    assert.equal(braceDepth(source, 8), 1);
    assert.equal(braceDepth(source, 10), 0);
  });
});
