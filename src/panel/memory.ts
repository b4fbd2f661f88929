// Opens guest memory in the editor's own view of it: by memory reference, as the Variables view does.
import * as vscode from 'vscode';
import type { LabSession } from './sessions';

/** The command behind *View Binary Data*; it offers to install the hex editor when that is missing. */
const VIEW_MEMORY = 'workbench.debug.viewlet.action.viewMemory';

/** @param address guest pointer */
export async function openMemory(session: LabSession | undefined, address: number, label: string): Promise<void> {
  if (session === undefined) return;
  const memoryReference = `0x${address.toString(16)}`;
  await vscode.commands.executeCommand(VIEW_MEMORY, {
    sessionId: session.debug.id,
    variable: { name: label, memoryReference },
  });
}
