// Compile errors and warnings of the last build, in the Problems view.
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import type { ScenarioError } from '../scenario';
import type { CompileError, Diagnostic } from '../toolchain';

const SEVERITY: Readonly<Record<Diagnostic['severity'], vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  note: vscode.DiagnosticSeverity.Information,
};

export class Problems implements vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection('virtio-lab');

  /** A build begins: what the last one said is void. */
  clear(): void {
    this.collection.clear();
  }

  /**
   * Shows what a build complained of, each at its line; those without a file are left to the error's message.
   * @returns whether there is something to see
   */
  show(diagnostics: readonly Diagnostic[]): boolean {
    const byFile = new Map<string, vscode.Diagnostic[]>();
    for (const diagnostic of diagnostics) {
      if (!existsSync(diagnostic.file)) continue;
      byFile.set(diagnostic.file, [...(byFile.get(diagnostic.file) ?? []), toVscode(diagnostic)]);
    }
    this.collection.clear();
    for (const [file, list] of byFile) this.collection.set(vscode.Uri.file(file), list);
    return byFile.size > 0;
  }

  /**
   * Shows an error of a launch and brings the Problems view up, if the error is about lines of files.
   * @returns false when the user has to be told in another way
   */
  showError(error: unknown): boolean {
    if (!this.show(diagnosticsOf(error))) return false;
    void vscode.commands.executeCommand('workbench.actions.view.problems');
    // one list of all that is missing, besides the places where it is used
    if (isCompileError(error) && error.missing.length > 0)
      void vscode.window.showErrorMessage(error.message.split('\n')[0] ?? error.message);
    return true;
  }

  dispose(): void {
    this.collection.dispose();
  }
}

// By their names: the classes come with the first session, this file with the extension.
const isScenarioError = (error: unknown): error is ScenarioError =>
  error instanceof Error && error.name === 'ScenarioError';
const isCompileError = (error: unknown): error is CompileError =>
  error instanceof Error && error.name === 'CompileError';

function diagnosticsOf(error: unknown): readonly Diagnostic[] {
  if (isScenarioError(error))
    return error.problems.map(({ path, message, ...place }) => ({
      ...place,
      severity: 'error',
      message: path === '' ? message : `${path}: ${message}`,
    }));
  if (!isCompileError(error)) return [];
  const { diagnostics, missing } = error;
  const untold = missing.filter((use) => !diagnostics.some((d) => d.file === use.file && d.line === use.line));
  return [
    ...diagnostics,
    ...untold.map(({ name, file = '', line = 0 }): Diagnostic => ({
      file,
      line,
      column: 0,
      severity: 'error',
      message: `the kernel API lacks ${name}`,
    })),
  ];
}

function toVscode({ line, column, severity, message, code }: Diagnostic): vscode.Diagnostic {
  const start = new vscode.Position(Math.max(line - 1, 0), Math.max(column - 1, 0));
  // the compiler names a point: VS Code widens an empty range to the word there
  const diagnostic = new vscode.Diagnostic(new vscode.Range(start, start), message, SEVERITY[severity]);
  diagnostic.source = 'Virtio Lab';
  diagnostic.code = code;
  return diagnostic;
}
