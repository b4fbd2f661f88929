// A launcher as VS Code wants it: all files are saved before a build, and what the compiler says shows in Problems.
import * as vscode from 'vscode';
import type { Problems } from '../problems';

type Make<Args, Made> = (args: Args, signal: AbortSignal, report: (text: string) => void) => Promise<Made>;

/** The part of debug/'s Launcher that matters here. */
export interface AnyLauncher<Args, Launched, Prepared> {
  readonly launch: Make<Args, Launched>;
  readonly prepare: Make<Args, Prepared>;
}

/** A restart compiles again without asking VS Code's debug configuration providers: so files are saved here, for both. */
export function watchedLauncher<Args, Launched, Prepared>(
  launcher: AnyLauncher<Args, Launched, Prepared>,
  problems: Problems,
): AnyLauncher<Args, Launched, Prepared> {
  const watched =
    <Made>(make: Make<Args, Made>): Make<Args, Made> =>
    async (args, signal, report) => {
      await vscode.workspace.saveAll(false);
      problems.clear();
      try {
        return await make(args, signal, report);
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
