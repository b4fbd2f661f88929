// What is wrong with input, as text: a line for each problem, with its file and line. Pure.
import { ScenarioError } from '../scenario';
import { CompileError } from '../toolchain';

export function complaint(error: unknown): string {
  if (error instanceof ScenarioError) return error.message;
  if (error instanceof CompileError) {
    const lines = error.diagnostics.map((d) => `${d.file}:${d.line}:${d.column}: ${d.severity}: ${d.message}`);
    return [...lines, ...(error.missing.length > 0 ? [error.message] : [])].join('\n') || error.message;
  }
  return `lab: ${error instanceof Error ? error.message : String(error)}`;
}
