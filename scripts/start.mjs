// npm start: installs what is missing, builds, and opens VS Code on a copy of demo/ with the extension loaded.
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { exitWith, installPackages, npm, root, run } from './lib/project.mjs';
import { which } from './lib/system.mjs';
import { ensureServer, startServer, workbenchUrl } from './lib/vscode-server.mjs';

/** The workspace one plays in: copied once, so that changes stay from one start to the next. */
function demoWorkspace() {
  const folder = join(root, 'out/demo');
  if (!existsSync(folder)) cpSync(join(root, 'demo'), folder, { recursive: true });
  return folder;
}

/**
 * @param {string} code the desktop `code` command
 * @param {string} workspace
 */
async function startDesktop(code, workspace) {
  await run(code, ['--new-window', `--extensionDevelopmentPath=${root}`, workspace]);
  console.log('VS Code is open on the demo workspace. Press F1 and choose Virtio: Run Scenario…');
}

/** @param {string} workspace */
async function startInBrowser(workspace) {
  await ensureServer();
  const server = await startServer({ data: join(root, 'out/vscode-data'), port: Number(process.env.PORT ?? 0) });
  console.log(
    `\nOpen VS Code in a browser (Ctrl-C ends it):\n${workbenchUrl(server.port, workspace, { extension: root })}\n`,
  );
  console.log('Then press F1 and choose Virtio: Run Scenario…');
  let ending = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      ending = true;
      void server.stop();
    });
  const code = await server.ended;
  if (ending) return;
  console.error(`VS Code's server ended with exit code ${code}:\n${server.log()}`);
  process.exitCode = 1;
}

async function main() {
  await installPackages();
  await npm(['run', '--silent', 'build']);
  const workspace = demoWorkspace();
  const code = which('code');
  await (code ? startDesktop(code, workspace) : startInBrowser(workspace));
}

await main().catch(exitWith);
