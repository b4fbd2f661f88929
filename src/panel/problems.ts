// Compile errors and warnings of the last build, in the Problems view.
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { CompileError, type Diagnostic } from '../toolchain';

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

  /** Shows what a build complained of, each at its line; those without a file are left to the error's message. */
  show(diagnostics: readonly Diagnostic[]): void {
    const byFile = new Map<string, vscode.Diagnostic[]>();
    for (const diagnostic of diagnostics) {
      if (!existsSync(diagnostic.file)) continue;
      byFile.set(diagnostic.file, [...(byFile.get(diagnostic.file) ?? []), toVscode(diagnostic)]);
    }
    this.collection.clear();
    for (const [file, list] of byFile) this.collection.set(vscode.Uri.file(file), list);
  }

  /** Shows an error of a launch, if it is one of the compiler's, and brings the Problems view up. */
  showError(error: unknown): void {
    if (!(error instanceof CompileError)) return;
    this.show(error.diagnostics);
    void vscode.commands.executeCommand('workbench.actions.view.problems');
  }

  dispose(): void {
    this.collection.dispose();
  }
}

function toVscode({ line, column, severity, message, code }: Diagnostic): vscode.Diagnostic {
  const start = new vscode.Position(Math.max(line - 1, 0), Math.max(column - 1, 0));
  // the compiler names a point: VS Code widens an empty range to the word there
  const diagnostic = new vscode.Diagnostic(new vscode.Range(start, start), message, SEVERITY[severity]);
  diagnostic.source = 'Virtio Lab';
  diagnostic.code = code;
  return diagnostic;
}
