// The walkthrough “Your first packet”: how it begins, and how it knows which of its steps were taken.
import { join } from 'node:path';
import * as vscode from 'vscode';
import { type LabSession, runScenario, type Sessions } from '../panel';

const WALKTHROUGH = 'virtio-lab.virtio-lab#firstPacket';
const SCENARIO = 'scenarios/tx-one-packet.virtio.json';

/**
 * Steps that were taken, as contexts that the walkthrough's `completionEvents` name. VS Code listens for those only from
 * when a page of its own was first opened in a window, and a context that holds by then never ticks its step (its
 * WalkthroughsService is created late, and takes such an event for one that it has seen). So a step is told when it is
 * taken, and again, by a value that is there for a moment, whenever a tab comes to the front that may be the walkthrough.
 */
export class StepsTaken implements vscode.Disposable {
  private readonly steps = new Set<string>();
  private readonly registration = vscode.window.tabGroups.onDidChangeTabs(({ opened, changed }) => {
    // the API has no type for the tabs of VS Code's own pages
    if ([...opened, ...changed].some(({ isActive, input }) => isActive && input === undefined)) this.tellAgain();
  });

  add(step: string): void {
    if (this.steps.has(step)) return;
    this.steps.add(step);
    this.tell(step, 'taken');
  }

  dispose(): void {
    this.registration.dispose();
  }

  private tellAgain(): void {
    for (const step of this.steps) for (const value of ['again', 'taken']) this.tell(step, value);
  }

  private tell(step: string, value: string): void {
    void vscode.commands.executeCommand('setContext', `virtioLab.${step}`, value);
  }
}

export function registerWalkthrough(
  context: vscode.ExtensionContext,
  sessions: Sessions,
  taken: StepsTaken,
): vscode.Disposable {
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
      for (const milestone of milestones(state)) taken.add(milestone);
      if (session.steppedBack) taken.add('steppedBack');
    }),
  );
}

/** What the driver has done by now: it runs, and what it did for a packet that it sends. */
function milestones(state: NonNullable<LabSession['state']>): readonly string[] {
  const tx = state.queues.find(({ ring }) => ring.name === 'tx')?.counters;
  return ['ran', ...((tx?.added ?? 0) > 0 ? ['added'] : []), ...((tx?.kicks ?? 0) > 0 ? ['kicked'] : [])];
}
