// The lab's own views in a real extension host: they are there, and their commands act.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { VirtioLab } from '../../src/extension';

describe('the Virtio activity bar', () => {
  it('opens, with its three views', async () => {
    await vscode.commands.executeCommand('workbench.view.extension.virtioLab');
    const commands = new Set(await vscode.commands.getCommands(true));
    for (const view of ['scenarios', 'queues', 'findings']) assert.ok(commands.has(`virtioLab.${view}.focus`), view);
  });
});

describe('Compare Sessions', () => {
  const labels = (): string[] => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));

  it('starts the scenario with another driver beside, and opens a tab; the panel follows the session that is looked at', async () => {
    const lab = await vscode.extensions.getExtension<VirtioLab>('virtio-lab.virtio-lab')?.activate();
    assert.ok(lab);
    const stopped = new Promise<void>((resolve) => {
      const registration = vscode.debug.registerDebugAdapterTrackerFactory('virtio', {
        createDebugAdapterTracker: () => ({
          onDidSendMessage: ({ event }: { readonly event?: string }) => {
            if (event !== 'stopped') return;
            registration.dispose();
            resolve();
          },
        }),
      });
    });
    await vscode.debug.startDebugging(undefined, {
      type: 'virtio',
      request: 'launch',
      name: 'left',
      scenario: 'tx-one-packet',
    });
    await stopped;
    const left = lab.machine();
    const opened = new Promise<void>((resolve) => {
      const registration = vscode.window.tabGroups.onDidChangeTabs(() => {
        if (!labels().includes('Compare: left / with virtio_net-2.6.30')) return;
        registration.dispose();
        resolve();
      });
    });
    await vscode.commands.executeCommand('virtioLab.compareSessions', 'virtio_net-2.6.30');
    await opened;
    const right = lab.machine();
    assert.ok(left && right && left !== right);
    assert.notEqual(left.program.hash, right.program.hash);
    assert.equal(lab.panelState()?.title, 'TX: one packet, QEMU 150 µs timer');
    await vscode.debug.stopDebugging();
  });
});
