// A launcher as VS Code wants it: all files are saved before a build, and what the compiler says shows in Problems.
import * as vscode from 'vscode';
import type { Problems } from '../problems';

/** The part of debug/'s Launcher that matters here. */
export interface AnyLauncher<Args, Launched> {
  launch(args: Args, signal: AbortSignal, report: (text: string) => void): Promise<Launched>;
}

/** A restart compiles again without asking VS Code's debug configuration providers: so files are saved here, for both. */
export function watchedLauncher<Args, Launched>(
  launcher: AnyLauncher<Args, Launched>,
  problems: Problems,
): AnyLauncher<Args, Launched> {
  return {
    async launch(args, signal, report) {
      await vscode.workspace.saveAll(false);
      problems.clear();
      try {
        return await launcher.launch(args, signal, report);
      } catch (error) {
        problems.showError(error);
        throw error;
      }
    },
  };
}
