// VS Code's own server, from npm (package code-server), in a folder of its own: installed once, started without login.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure, npm, root } from './project.mjs';
import { ensurePrograms, which } from './system.mjs';

/** VS Code 1.100.3 */
const VERSION = '4.100.3';
const folder = process.env.VIRTIO_LAB_VSCODE_SERVER ?? join(root, '.vscode-server');
const server = join(folder, 'node_modules/code-server/lib/vscode');
const ready = join(folder, `ready-${VERSION}`);
const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];

/** Installs the server unless it is there: about a minute, 320 MB. */
export async function ensureServer() {
  if (existsSync(ready)) return;
  // its native modules (log, file watcher, terminal) are compiled here; search wants ripgrep
  await ensurePrograms({ rg: 'ripgrep', 'g++': 'g++', make: 'make', python3: 'python3' }, "VS Code's server");
  console.log(`Installing VS Code's server (code-server ${VERSION}) into ${folder}, once; about a minute …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  // without code-server's own postinstall: it wants yarn and a login; only VS Code's server inside it is used
  await npm(['install', '--no-save', '--ignore-scripts', ...quiet, `code-server@${VERSION}`], { cwd: folder });
  // not `npm ci`: the lock file that code-server ships there is out of step with its package.json
  await npm(['install', '--ignore-scripts', '--omit=dev', ...quiet], { cwd: server });
  await npm(['rebuild', ...quiet, '@vscode/spdlog', 'native-watchdog', 'node-pty'], {
    cwd: server,
    env: { ...process.env, npm_config_yes: 'true' },
  });
  link(which('rg') ?? 'rg', join(server, 'node_modules/@vscode/ripgrep/bin/rg'));
  link('node_modules', join(server, 'node_modules.asar'));
  writeFileSync(ready, '');
}

/** @param {string} target @param {string} path */
function link(target, path) {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

const settings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'window.commandCenter': false,
  'chat.commandCenter.enabled': false,
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'git.enabled': false,
};

/**
 * @typedef {object} ServerOptions
 * @property {string} data folder for its state and settings
 * @property {string} [extensions] folder of installed extensions; default: in `data`
 * @property {number} [port] 0 or absent: a free one
 * @property {boolean} [restricted] leave workspace trust on: the workspace starts in Restricted Mode
 * @property {NodeJS.ProcessEnv} [env] of the server and its extension host; default: this process's
 * @property {Record<string, unknown>} [settings] user settings besides the quiet defaults
 */

/**
 * @typedef {object} Server
 * @property {number} port
 * @property {() => string} log all it printed so far
 * @property {Promise<number>} ended its exit code
 * @property {() => Promise<void>} stop ends it and waits
 */

/** @param {ServerOptions} options */
function commandLine(options) {
  return [
    join(server, 'out/server-main.js'),
    ...['--host', '127.0.0.1', '--port', String(options.port ?? 0)],
    ...['--without-connection-token', '--accept-server-license-terms', '--disable-update-check'],
    ...['--telemetry-level', 'off', '--server-data-dir', options.data],
    ...['--extensions-dir', options.extensions ?? join(options.data, 'extensions')],
    ...(options.restricted ? [] : ['--disable-workspace-trust']),
  ];
}

/**
 * Starts the server on 127.0.0.1 and resolves once it listens.
 * @param {ServerOptions} options
 * @returns {Promise<Server>}
 */
export function startServer(options) {
  const user = join(options.data, 'data/User');
  mkdirSync(user, { recursive: true });
  writeFileSync(join(user, 'settings.json'), JSON.stringify({ ...settings, ...options.settings }, null, 2));
  // `{}`: no requests to a marketplace
  const env = { ...(options.env ?? process.env), EXTENSIONS_GALLERY: '{}' };
  const child = spawn(process.execPath, commandLine(options), { env });
  let log = '';
  /** @type {Promise<number>} */
  const ended = new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
  return new Promise((resolve, reject) => {
    const read = (/** @type {Buffer} */ data) => {
      log += data.toString();
      const port = /listening on (\d+)/.exec(log)?.[1];
      if (port === undefined) return;
      resolve({
        port: Number(port),
        log: () => log,
        ended,
        stop: async () => {
          child.kill();
          await ended;
        },
      });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', (e) => reject(new Failure(`cannot start VS Code's server: ${e.message}`)));
    void ended.then((code) =>
      reject(new Failure(`VS Code's server ended at its start with exit code ${code}:\n${log}`)),
    );
  });
}

/**
 * Installs a packaged extension into a server's folder of extensions.
 * @param {string} vsix absolute path
 * @param {ServerOptions} options
 * @returns {Promise<string>} what it printed
 */
export function installExtension(vsix, options) {
  const child = spawn(process.execPath, [...commandLine(options), '--install-extension', vsix], {
    env: { ...(options.env ?? process.env), EXTENSIONS_GALLERY: '{}' },
  });
  let log = '';
  child.stdout.on('data', (d) => (log += d));
  child.stderr.on('data', (d) => (log += d));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve(log) : reject(new Failure(`installing ${vsix} failed with exit code ${code}:\n${log}`)),
    );
  });
}

/**
 * The address of a workspace folder in this server's workbench.
 * @param {number} port
 * @param {string} workspace absolute path of a folder
 * @param {{ extension?: string, tests?: string }} [options] folder of an extension under development; module whose run() is called in the extension host
 */
export function workbenchUrl(port, workspace, options = {}) {
  const remote = (/** @type {string} */ path) => `vscode-remote://127.0.0.1:${port}${path}`;
  const payload = [
    ...(options.extension ? [['extensionDevelopmentPath', remote(options.extension)]] : []),
    ...(options.tests ? [['extensionTestsPath', remote(options.tests)]] : []),
  ];
  const query = new URLSearchParams({ folder: workspace });
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `http://127.0.0.1:${port}/?${query}`;
}
