// Compile errors and warnings of the last build, and what is wrong with scenarios that are open, in the Problems view.
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import type { ScenarioError, ScenarioProblem } from '../scenario';
import type { CompileError, Diagnostic } from '../toolchain';

const SEVERITY: Readonly<Record<Diagnostic['severity'], vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  note: vscode.DiagnosticSeverity.Information,
};

export class Problems implements vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection('virtio-lab');

  /** of scenarios and experiments that are open, as of their last check */
  private readonly checks = vscode.languages.createDiagnosticCollection('virtio-lab-files');

  /**
   * A scenario or an experiment was checked: what a build said of it is void.
   * @param error that the check ended with. What the file's schema says too is left to the editor, which tells it while one types.
   */
  checked(uri: vscode.Uri, error?: unknown): void {
    this.collection.delete(uri);
    const problems = isScenarioError(error) ? error.problems.filter(({ bySchema }) => !bySchema) : [];
    this.checks.set(uri, problems.map(ofScenario).map(toVscode));
  }

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
    for (const [file, list] of byFile) {
      const uri = vscode.Uri.file(file);
      const told = this.checks.get(uri) ?? [];
      const isTold = (one: vscode.Diagnostic): boolean =>
        told.some(({ message, range }) => message === one.message && range.isEqual(one.range));
      this.collection.set(
        uri,
        list.filter((one) => !isTold(one)),
      );
    }
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
    this.checks.dispose();
  }
}

// By their names: the classes come with the first session, this file with the extension.
const isScenarioError = (error: unknown): error is ScenarioError =>
  error instanceof Error && error.name === 'ScenarioError';
const isCompileError = (error: unknown): error is CompileError =>
  error instanceof Error && error.name === 'CompileError';

const ofScenario = ({ path, message, file, line, column }: ScenarioProblem): Diagnostic => ({
  file,
  line,
  column,
  severity: 'error',
  message: path === '' ? message : `${path}: ${message}`,
});

function diagnosticsOf(error: unknown): readonly Diagnostic[] {
  if (isScenarioError(error)) return error.problems.map(ofScenario);
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
