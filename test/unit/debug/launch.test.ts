// Launch arguments: what launch.json may say, and that the schema in package.json says the same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchFailure, parseLaunchArguments } from '../../../src/debug/launch';
import { CompileError } from '../../../src/toolchain';

describe('debug: launch arguments', () => {
  it('takes what the schema has, and leaves the client’s own attributes alone', () => {
    const args = { scenario: 'tx-one', defines: { DEBUG: '1' }, stopOnEntry: false, noDebug: true };
    assert.deepEqual(
      parseLaunchArguments({ ...args, type: 'virtio', request: 'launch', name: 'x', __sessionId: '1' }),
      args,
    );
  });

  for (const [given, message] of [
    [{ scenario: 3 }, /`scenario` is 3; expected a path or a name/],
    [{ scenario: 'a', program: ['b.c', 7] }, /`program` is \["b.c",7\]; expected a path, or a list of paths/],
    [{ scenario: 'a', defines: { A: 1 } }, /`defines` is .* expected an object of strings/],
    [{ scenario: 'a', params: { a: null } }, /`params` is .* expected an object of numbers/],
    [{ scenario: 'a', stopAtEntry: true }, /`stopAtEntry` is no attribute; there are defines, driver, kernel, lib/],
    [{ program: 'a.c', driver: 'b' }, /`program` and `driver` both name a driver/],
    [{ type: 'virtio' }, /nothing to run: `scenario` is missing/],
    [null, /no object/],
  ] as const)
    it(`refuses ${JSON.stringify(given)}`, () => {
      assert.throws(() => parseLaunchArguments(given), message);
    });

  it('has the attributes of package.json', () => {
    const manifest = JSON.parse(readFileSync(join(__dirname, '../../../package.json'), 'utf8')) as {
      contributes: { debuggers: { configurationAttributes: { launch: { properties: Record<string, unknown> } } }[] };
    };
    const { properties } = manifest.contributes.debuggers[0]?.configurationAttributes.launch ?? { properties: {} };
    const names = Object.keys(properties).sort();
    // the refusal of an unknown attribute lists all of them
    const list = /there are (.*)\./.exec(message(() => parseLaunchArguments({ nonsense: 1 })))?.[1];
    assert.deepEqual([...names, 'noDebug'].sort(), list?.split(', '));
  });

  it('tells the first compile error by file and line, and how many more there are', () => {
    const error = { file: '/w/tx.c', line: 12, column: 3, severity: 'error', message: 'expected ;' } as const;
    const failure = launchFailure(new CompileError([error, { ...error, line: 20 }]));
    assert.equal(failure.message, 'The driver does not compile: /w/tx.c:12:3: expected ; (and 1 more).');
    assert.deepEqual(failure.lines[1], { text: '/w/tx.c:20:3: error: expected ;', path: '/w/tx.c', line: 20 });
  });

  it('tells all missing functions at once', () => {
    const failure = launchFailure(new CompileError([], [{ name: 'foo', file: '/w/tx.c', line: 9 }, { name: 'bar' }]));
    assert.equal(failure.message, 'The driver does not link: the kernel API lacks: foo (used in tx.c:9), bar.');
    assert.equal(failure.lines.length, 2);
  });
});

function message(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return String(error);
  }
  return '';
}
