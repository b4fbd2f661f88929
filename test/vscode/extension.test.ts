// The extension in a real extension host: it activates, and what package.json declares is there.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

const ID = 'virtio-lab.virtio-lab';

function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension(ID);
  assert.ok(found, `${ID} is not installed`);
  return found;
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown }>> };
  };
}

describe('the extension', () => {
  it('is not active before it is needed', () => {
    assert.equal(extension().isActive, false);
  });

  it('activates', async () => {
    await extension().activate();
    assert.equal(extension().isActive, true);
  });

  it('registers every command that it declares', async () => {
    const manifest = extension().packageJSON as Manifest;
    const known = new Set(await vscode.commands.getCommands(true));
    const missing = manifest.contributes.commands.map((c) => c.command).filter((c) => !known.has(c));
    assert.deepEqual(missing, []);
  });

  it('has its settings at their defaults', () => {
    const manifest = extension().packageJSON as Manifest;
    for (const [name, { default: value }] of Object.entries(manifest.contributes.configuration.properties))
      assert.equal(vscode.workspace.getConfiguration().get(name), value, name);
  });
});
