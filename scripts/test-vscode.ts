// Runs test/vscode with mocha inside a real extension host: VS Code's server, a headless browser, the extension under development.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'node:util';
import { build } from 'esbuild';
import { launchBrowser } from './lib/browser.mjs';
import { exitWith, Failure, root } from './lib/project.mjs';
import { startServer, workbenchUrl } from './lib/vscode-server.mjs';

const TIMEOUT_MS = 300_000;

/** What the workbench itself logs on the page; the rest is mocha's. */
const WORKBENCH_TALK =
  /^(Resolv(ing|ed) connection|Creating a socket|Ignoring fetching|Updating additional|ChatSessionStore|\[Service Worker\])/;

/** The tests as one module with run(), as VS Code's extensionTestsPath wants it; mocha itself stays in node_modules. */
async function bundleTests(): Promise<string> {
  const outfile = join(root, 'out/test-vscode/index.js');
  await build({
    absWorkingDir: root,
    entryPoints: ['test/vscode/index.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
  return outfile;
}

async function main(): Promise<void> {
  const tests = await bundleTests();
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-vscode-'));
  const workspace = join(folder, 'workspace');
  const data = join(folder, 'data');
  cpSync(join(root, 'demo'), workspace, { recursive: true });
  const server = await startServer({ data });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const code = await new Promise<number>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Failure(`no result after ${TIMEOUT_MS / 1000} s; the server said:\n${server.log()}`)),
        TIMEOUT_MS,
      );
      const exit = (n: number) => {
        clearTimeout(timer);
        resolve(n);
      };
      const log = (_type: string, args: unknown[]) => {
        const line = format(...args);
        if (!WORKBENCH_TALK.test(line)) console.log(line);
      };
      page
        .exposeFunction('codeAutomationExit', exit)
        .then(() => page.exposeFunction('codeAutomationLog', log))
        .then(() => page.goto(workbenchUrl(server.port, workspace, { extension: root, tests })))
        .catch(reject);
    });
    process.exitCode = code;
  } finally {
    writeFileSync(join(root, 'out/test-vscode/server.log'), server.log());
    await browser.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch(exitWith);
