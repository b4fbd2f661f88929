// What every script needs and plain Node has: the project's root, running a command, installing npm packages.
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A failure that is said in one line, without a stack. */
export class Failure extends Error {}

/**
 * Runs a command with this terminal and waits for it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<void>} rejects with a Failure when it cannot start or does not exit with 0
 */
export async function run(command, args, options = {}) {
  const code = await exitCode(command, args, options);
  if (code !== 0) throw new Failure(`\`${[command, ...args].join(' ')}\` failed: exit code ${code}`);
}

/**
 * Like run, but resolves to the exit code (1 when a signal ended it).
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>}
 */
export function exitCode(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    child.on('error', (e) => reject(new Failure(`cannot run ${command}: ${e.message}`)));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/**
 * The npm command of this Node: npm sets npm_execpath for its scripts, else it is looked up in PATH.
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<void>}
 */
export function npm(args, options = {}) {
  const cli = process.env.npm_execpath;
  return cli?.endsWith('.js')
    ? run(process.execPath, [cli, ...args], options)
    : run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, options);
}

/** Installs the project's npm packages when they are missing or older than the lock file. */
export async function installPackages() {
  const installed = join(root, 'node_modules/.package-lock.json');
  const wanted = join(root, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  console.log('Installing npm packages …');
  await npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

/**
 * Ends a script with its message on stderr: a Failure in one line, anything else with its stack.
 * @param {unknown} error
 */
export function exitWith(error) {
  console.error(error instanceof Failure ? error.message : error);
  process.exit(1);
}
