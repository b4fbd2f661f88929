// Which scenario a C file was last run in, per workspace: F5 on the file runs it again without asking.
import type * as vscode from 'vscode';

export interface RememberedChoice {
  /** absolute path of the scenario file */
  readonly scenario: string;
  /** run the scenario as it is; otherwise the file takes the place of its driver */
  readonly own: boolean;
}

const key = (file: string): string => `scenario of ${file}`;

/** @param file absolute path of a C file */
export function rememberedScenario(context: vscode.ExtensionContext, file: string): RememberedChoice | undefined {
  return context.workspaceState.get<RememberedChoice>(key(file));
}

export async function rememberScenario(
  context: vscode.ExtensionContext,
  file: string,
  choice: RememberedChoice | undefined,
): Promise<void> {
  await context.workspaceState.update(key(file), choice);
}
