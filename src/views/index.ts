// Entry point of the room: VS Code's own views, and what the lab adds to its editors.
import * as vscode from 'vscode';
import type { Problems, RingFeed, Sessions } from '../panel';
import type { ScenarioLauncher } from '../scenario';
import { registerFindings } from './activity/findings-view';
import { registerQueues } from './activity/queues-view';
import { registerScenarios } from './activity/scenarios-view';
import { registerExperiments } from './experiment';
import { registerCompare } from './compare/command';
import { registerInlineValues } from './editor/inline-values';
import { registerLineEffects } from './editor/line-effects';
import { registerScenarioProblems } from './editor/scenario-problems';
import { registerSpecHovers } from './editor/spec-hover';
import { saveScenario } from './save-scenario';
import { registerStatusBar } from './status-bar';
import { registerTesting } from './testing/controller';
import { registerWalkthrough, StepsTaken } from './walkthrough';

/**
 * Registers everything of the room.
 * @param launching loads the launcher when it is needed first
 */
export function registerViews(
  context: vscode.ExtensionContext,
  sessions: Sessions,
  launching: () => Promise<ScenarioLauncher>,
  rings: RingFeed,
  problems: Problems,
): vscode.Disposable {
  const taken = new StepsTaken();
  return vscode.Disposable.from(
    taken,
    registerScenarios(context),
    registerQueues(sessions),
    registerFindings(sessions),
    registerExperiments(context),
    registerTesting(context, launching),
    registerStatusBar(sessions),
    registerCompare(context, sessions, (session, column) => rings.showOwn(session, column)),
    registerLineEffects(sessions),
    registerInlineValues(),
    registerSpecHovers(),
    registerScenarioProblems(problems, launching),
    registerWalkthrough(context, sessions, taken),
    vscode.commands.registerCommand('virtioLab.showRings', () => {
      taken.add('showedRings');
      rings.show();
    }),
    vscode.commands.registerCommand('virtioLab.saveScenario', (target?: vscode.Uri) =>
      saveScenario(sessions.active, target),
    ),
  );
}
