// The walkthrough “Your first packet”: how it begins, and how it knows which of its steps were taken.
import { join } from 'node:path';
import * as vscode from 'vscode';
import { type LabSession, runScenario, type Sessions } from '../panel';

const WALKTHROUGH = 'virtio-lab.virtio-lab#firstPacket';
const SCENARIO = 'scenarios/tx-one-packet.virtio.json';

export function registerWalkthrough(context: vscode.ExtensionContext, sessions: Sessions): vscode.Disposable {
  const told = new Set<string>();
  let last: LabSession['state'];
  // contexts are set once: what was done stays done
  const tell = (name: string): void => {
    if (told.has(name)) return;
    told.add(name);
    void vscode.commands.executeCommand('setContext', `virtioLab.${name}`, true);
  };
  return vscode.Disposable.from(
    vscode.commands.registerCommand('virtioLab.firstPacket', () =>
      runScenario(context, vscode.Uri.file(join(context.extensionPath, SCENARIO))),
    ),
    vscode.commands.registerCommand('virtioLab.walkthrough', () =>
      vscode.commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH, false),
    ),
    sessions.onDidChangeActive((session) => {
      const state = session?.state;
      if (session?.running !== false || state === undefined) return;
      for (const milestone of milestones(state)) tell(milestone);
      if (last?.title === state.title && state.position.tick < last.position.tick) tell('steppedBack');
      last = state;
    }),
  );
}

/** What the driver has done by now for a packet that it sends. */
function milestones(state: NonNullable<LabSession['state']>): readonly string[] {
  const tx = state.queues.find(({ ring }) => ring.name === 'tx')?.counters;
  return [...((tx?.added ?? 0) > 0 ? ['added'] : []), ...((tx?.kicks ?? 0) > 0 ? ['kicked'] : [])];
}
