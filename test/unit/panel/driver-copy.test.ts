// What a copied driver comes with.
import assert from 'node:assert/strict';
import { compileCommand, configurationOf, copiesOf, scenarioOfCopy } from '../../../src/panel/workspace/driver-copy';
import { compileFlags } from '../../../src/toolchain';

describe('a copied driver', () => {
  it('has a scenario that differs in name and driver only', () => {
    const bundled = { version: 1, name: 'TX', description: 'D', driver: { bundled: 'x' }, traffic: [{ kind: 'tx' }] };
    const copy: unknown = JSON.parse(
      scenarioOfCopy(JSON.stringify(bundled, null, 2), 'Mine', ['a.c', 'b.c'], '2.6.32'),
    );
    assert.deepEqual(copy, { ...bundled, name: 'Mine', driver: { files: ['a.c', 'b.c'], kernel: '2.6.32' } });
  });

  it('has a launch configuration that finds the scenario wherever the workspace is', () => {
    assert.equal(
      configurationOf('mine', '/b/tx-one.virtio.json')['scenario'],
      '${workspaceFolder}/mine/tx-one.virtio.json',
    );
  });

  it('lies side by side in one folder', () => {
    assert.deepEqual(copiesOf(['net/a.c', 'net/sub/b.c'], '/lab/drivers', '/w/mine'), [
      { from: '/lab/drivers/net/a.c', to: '/w/mine/a.c' },
      { from: '/lab/drivers/net/sub/b.c', to: '/w/mine/b.c' },
    ]);
  });

  it('is compiled by clangd as by the lab, with the real include folders and without what only the lab wants', () => {
    const command = compileCommand('/w', '/w/a.c', compileFlags('stepped', [], { DEBUG: '1' }), [
      '/w/virtio-lib/include',
      '/lab/include',
    ]);
    const args = command.arguments;
    assert.equal(args[0], 'clang');
    assert.equal(args.at(-1), '/w/a.c');
    for (const flag of ['--target=wasm32', '-D__KERNEL__', '-DDEBUG=1', '-nostdlibinc', '-I/lab/include'])
      assert.ok(args.includes(flag), flag);
    assert.ok(args.indexOf('-I/w/virtio-lib/include') < args.indexOf('-I/lab/include'));
    assert.deepEqual(
      args.filter((flag) => /sarif|prefix-map|compilation-dir/.test(flag)),
      [],
    );
  });
});
