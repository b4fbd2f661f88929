// Runs a program to its end and gives back what it printed.
import { spawn } from 'node:child_process';
import { root } from '../scripts/lib/project.mjs';

/** @returns stdout. Rejects with stderr when the program does not exit with 0, or cannot be started. */
export function output(
  command: string,
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    let text = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(text);
      else reject(new Error(`${command} ${args.join(' ')}: exit code ${code ?? 'none'}\n${errors}${text}`));
    });
  });
}
