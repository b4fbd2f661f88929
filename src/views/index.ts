// Entry point of the room: VS Code's own views, and what the lab adds to its editors.
import * as vscode from 'vscode';
import type { Sessions } from '../panel';
import { registerFindings } from './activity/findings-view';
import { registerQueues } from './activity/queues-view';
import { registerScenarios } from './activity/scenarios-view';
import { registerExperiments } from './experiment';
import { saveScenario } from './save-scenario';

/** Registers everything of the room. */
export function registerViews(context: vscode.ExtensionContext, sessions: Sessions): vscode.Disposable {
  return vscode.Disposable.from(
    registerScenarios(context),
    registerQueues(sessions),
    registerFindings(sessions),
    registerExperiments(context),
    vscode.commands.registerCommand('virtioLab.saveScenario', (target?: vscode.Uri) =>
      saveScenario(sessions.active, target),
    ),
  );
}
