// Runs in a real extension host (extensionTestsPath): activates the extension and logs how long that took.
import * as vscode from 'vscode';

export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension('virtio-lab.virtio-lab');
  if (extension === undefined) throw new Error('the extension is not there');
  if (extension.isActive) throw new Error('the extension is active already: this would measure nothing');
  const before = process.cpuUsage();
  const started = performance.now();
  await extension.activate();
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  console.log(`ACTIVATED ${ms} ms, processor time ${(user + system) / 1000} ms`);
}
