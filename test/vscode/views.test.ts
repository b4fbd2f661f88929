// The lab's own views in a real extension host: they are there, and their commands act.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('the Virtio activity bar', () => {
  it('opens, with its three views', async () => {
    await vscode.commands.executeCommand('workbench.view.extension.virtioLab');
    const commands = new Set(await vscode.commands.getCommands(true));
    for (const view of ['scenarios', 'queues', 'findings']) assert.ok(commands.has(`virtioLab.${view}.focus`), view);
  });
});
