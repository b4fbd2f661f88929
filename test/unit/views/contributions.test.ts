// What package.json contributes: when commands, buttons and views of a session are there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/lib/project.mjs';

const { contributes, activationEvents } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly contributes: Readonly<Record<string, unknown>>;
  readonly activationEvents: readonly string[];
};

/** Every `when` and `enablement`, with the path that leads to it. */
function clausesOf(value: unknown, path: string): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    (name === 'when' || name === 'enablement') && typeof inner === 'string'
      ? [[`${path}.${name}`, inner] as const]
      : clausesOf(inner, `${path}.${name}`),
  );
}

describe('package.json', () => {
  const clauses = clausesOf(contributes, 'contributes');

  // debugType is also that of the debugger that F5 would start: alone it does not say that a session runs
  it('has nothing of a session there without one', () => {
    const ours = clauses.filter(([, clause]) => clause.includes("debugType == 'virtio'"));
    assert.ok(ours.length > 10, `${ours.length} clauses`);
    for (const [path, clause] of ours)
      assert.match(clause, /(^| )inDebugMode |debugState == 'stopped'/, `${path}: ${clause}`);
  });

  it('has what is for everybody’s debug toolbar there in sessions of ours only', () => {
    const toolbar = clauses.filter(([path]) => path.startsWith('contributes.menus.debug/toolBar'));
    assert.ok(toolbar.length > 0);
    for (const [path, clause] of toolbar) assert.match(clause, /debugType == 'virtio'/, path);
  });

  it('activates the extension for each kind of tab that comes back after a reload', () => {
    for (const view of ['virtio.ringPanel', 'virtio.experiment', 'virtio.compare'])
      assert.ok(activationEvents.includes(`onWebviewPanel:${view}`), view);
  });
});
