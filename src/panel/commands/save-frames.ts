// Virtio: Save Sent Frames as Pcap…: what the driver has sent so far, with virtual times, for Wireshark and tcpdump.
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { writePcap } from '../../device';
import type { MachineHandle } from '../../machine';

/** @param machine of the session that is shown; undefined when there is none */
export async function saveFrames(machine: MachineHandle | undefined): Promise<void> {
  if (!machine) return void vscode.window.showInformationMessage('No virtio session is active: nothing was sent.');
  const frames = await machine.sentFrames();
  if (frames.length === 0) return void vscode.window.showInformationMessage('The driver has sent no frame yet.');
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    defaultUri: folder && vscode.Uri.joinPath(folder, 'sent.pcap'),
    filters: { 'Packet capture': ['pcap'] },
    title: `Save ${frames.length} sent frames`,
  });
  if (!target) return;
  const packets = frames.map(({ timeNs, bytes }) => ({ timeNs: BigInt(timeNs), bytes }));
  await vscode.workspace.fs.writeFile(target, writePcap(packets));
  void vscode.window.showInformationMessage(`Saved ${frames.length} frames in ${basename(target.fsPath)}.`);
}
