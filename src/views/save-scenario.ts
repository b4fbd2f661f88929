// Virtio: Save Scenario…: a scenario that returns to the place where a session stands.
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { LabSession } from '../panel';

const SUFFIX = '.virtio.json';

/**
 * Asks for a file and writes it.
 * @param session that is looked at; undefined when there is none
 * @param target where to; asked for when it is not given
 */
export async function saveScenario(session: LabSession | undefined, target?: vscode.Uri): Promise<void> {
  if (session?.stop === undefined || session.running)
    return void vscode.window.showInformationMessage(
      'A scenario is saved from a session that is stopped: run one, or pause the one that runs.',
    );
  const file = target ?? (await askWhere(session));
  if (file === undefined) return;
  const name = `${session.launched.title}: ${file.fsPath.endsWith(SUFFIX) ? basename(file.fsPath, SUFFIX) : basename(file.fsPath)}`;
  const text = await session.launched.save(file.fsPath, name);
  await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
  const open = 'Open';
  const { tick } = session.stop.position;
  void vscode.window
    .showInformationMessage(`Saved tick ${tick} as ${basename(file.fsPath)}: it runs from here again.`, open)
    .then((answer) => (answer === open ? vscode.window.showTextDocument(file) : undefined));
}

/** A file of the folder that the session was started in; the name ends as scenarios do. */
async function askWhere(session: LabSession): Promise<vscode.Uri | undefined> {
  const folder = (session.debug.workspaceFolder ?? vscode.workspace.workspaceFolders?.[0])?.uri;
  const where = `${placeName(session)}${SUFFIX}`;
  const chosen = await vscode.window.showSaveDialog({
    defaultUri: folder && vscode.Uri.joinPath(folder, where),
    filters: { 'Virtio scenario': ['json'] },
    title: 'Save this place as a scenario',
  });
  if (chosen === undefined || chosen.fsPath.endsWith(SUFFIX)) return chosen;
  return chosen.with({ path: chosen.path.replace(/(\.virtio)?(\.json)?$/, SUFFIX) });
}

/** `start-xmit-32134`: where the vCPU stands, and the tick. */
function placeName({ state, stop }: LabSession): string {
  const vcpu = state?.threads.find((thread) => thread.kind === 'vcpu');
  const at = vcpu?.kind === 'vcpu' ? vcpu.at : undefined;
  return `${(at ?? 'idle').replaceAll('_', '-')}-${stop?.position.tick ?? 0}`;
}
