// A launcher as VS Code wants it: all files are saved before a build, and what the compiler says shows in Problems.
import * as vscode from 'vscode';
import type { Launcher, LaunchRequest } from '../../scenario';
import type { Problems } from '../problems';

type Make<Made> = (request: LaunchRequest, signal: AbortSignal, report: (text: string) => void) => Promise<Made>;

/** A restart compiles again without asking VS Code's debug configuration providers: so files are saved here, for both. */
export function watchedLauncher(launcher: Launcher, problems: Problems): Launcher {
  const watched =
    <Made>(make: Make<Made>): Make<Made> =>
    async (request, signal, report) => {
      await vscode.workspace.saveAll(false);
      problems.clear();
      try {
        return await make(request, signal, report);
      } catch (error) {
        // VS Code would put a dialog and the console in front of the Problems view
        throw problems.showError(error) && error instanceof Error ? Object.assign(error, { showUser: false }) : error;
      }
    };
  return {
    launch: watched((...args) => launcher.launch(...args)),
    prepare: watched((...args) => launcher.prepare(...args)),
  };
}
