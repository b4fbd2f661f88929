// launch.json gains a configuration, and loses nothing.
import assert from 'node:assert/strict';
import { parse } from 'jsonc-parser';
import { withConfiguration, withLibrary } from '../../../src/panel/workspace/launch-json';

const ours = { type: 'virtio', request: 'launch', name: 'Virtio: mine', scenario: 'tx-one' };

interface Launch {
  version: string;
  configurations: { name: string; scenario?: string }[];
}
const read = (text: string): Launch => parse(text, [], { allowTrailingComma: true }) as Launch;

describe('launch.json', () => {
  it('is made when there is none, or an empty one', () => {
    for (const before of [undefined, '', ' \n']) {
      const launch = read(withConfiguration(before, ours));
      assert.equal(launch.version, '0.2.0');
      assert.deepEqual(launch.configurations, [ours]);
    }
  });

  it('keeps comments, other configurations and a trailing comma', () => {
    const before = `{
  // mine
  "version": "0.2.0",
  "configurations": [
    { "name": "Other", "type": "cppdbg" }, // keep
  ],
}
`;
    const after = withConfiguration(before, ours);
    assert.match(after, /\/\/ mine/);
    assert.match(after, /\/\/ keep/);
    assert.deepEqual(
      read(after).configurations.map((c) => c.name),
      ['Other', 'Virtio: mine'],
    );
  });

  it('replaces the configuration of the same name in its place', () => {
    const once = withConfiguration(withConfiguration(undefined, ours), { ...ours, name: 'Virtio: second' });
    const twice = withConfiguration(once, { ...ours, scenario: 'rx-one' });
    assert.deepEqual(
      read(twice).configurations.map((c) => [c.name, c.scenario]),
      [
        ['Virtio: mine', 'rx-one'],
        ['Virtio: second', 'tx-one'],
      ],
    );
  });

  it('adds the list of configurations where a file has none', () => {
    assert.deepEqual(read(withConfiguration('{ "version": "0.2.0" }', ours)).configurations, [ours]);
  });

  it('refuses a broken file with its line, and a file of another shape', () => {
    assert.throws(
      () => withConfiguration('{\n  "version": "0.2.0"\n  "configurations": []\n}', ours),
      /line 3: CommaExpected/,
    );
    assert.throws(() => withConfiguration('[]', ours), /no object/);
    assert.throws(() => withConfiguration('{ "configurations": {} }', ours), /"configurations" is no list/);
  });

  it('points our configurations at the copied library files, but those that already name a folder', () => {
    const before = `{
  "configurations": [
    { "type": "cppdbg", "name": "other" },
    { "type": "virtio", "name": "a" }, // first
    { "type": "virtio", "name": "b", "lib": "mine" }
  ]
}`;
    const after = withLibrary(before, 'virtio-lib') ?? '';
    assert.match(after, /\/\/ first/);
    assert.deepEqual(
      (parse(after) as { configurations: { lib?: string }[] }).configurations.map((c) => c.lib),
      [undefined, 'virtio-lib', 'mine'],
    );
  });

  it('says when there is no configuration to point', () => {
    assert.equal(withLibrary(undefined, 'x'), undefined);
    assert.equal(withLibrary('{"configurations": [{"type": "cppdbg"}]}', 'x'), undefined);
  });
});
