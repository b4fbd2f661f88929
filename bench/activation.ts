// How long activation keeps the extension host busy: loading the bundle, and `activate` in a real one.
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser } from '../scripts/lib/browser.mjs';
import { root } from '../scripts/lib/project.mjs';
import { browserPath } from '../scripts/lib/system.mjs';
import { startServer, workbenchUrl } from '../scripts/lib/vscode-server.mjs';
import { bundle, extensionInPieces } from './bundle';
import { output } from './child';
import { Skip, type Part } from './part';

const LOADS = 10;
const ACTIVATIONS = 3;
const TIMEOUT_MS = 120_000;

export const activation: Part = {
  name: 'activation',
  title: 'activation of the extension',
  async measure(say) {
    if (!existsSync(join(root, 'dist/extension.js'))) throw new Skip('needs dist/: npm run build');
    // minified, as it ships
    const extension = await extensionInPieces();
    const child = await bundle('require-child');
    const loads: number[] = [];
    for (let i = 0; i < LOADS; i++) loads.push(Number(await output(process.execPath, [child, extension])));
    const activations = await activate().catch((error: unknown) => {
      if (!(error instanceof Skip)) throw error;
      say(error.message);
      return [];
    });
    return [
      { name: 'loading the extension, minified', values: loads, unit: 'ms' },
      ...(activations.length === 0
        ? []
        : [
            {
              name: 'activation in the extension host',
              values: activations.map(({ ms }) => ms),
              unit: 'ms',
              promise: '< 50',
              note: 'with dist/ as it is: npm run package minifies it',
            },
            { name: 'activation, processor time', values: activations.map(({ cpuMs }) => cpuMs), unit: 'ms' },
          ]),
    ];
  },
};

interface Activation {
  readonly ms: number;
  /** of the whole extension host, which other programs on the machine disturb less */
  readonly cpuMs: number;
}

/** @throws Skip without a browser */
async function activate(): Promise<Activation[]> {
  if (browserPath() === undefined) throw new Skip('no extension host: needs a browser: apt-get install chromium');
  const tests = await bundle('activation-host');
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-bench-'));
  const workspace = join(folder, 'workspace');
  cpSync(join(root, 'demo'), workspace, { recursive: true });
  const server = await startServer({ data: join(folder, 'data') });
  const browser = await launchBrowser();
  try {
    const values: Activation[] = [];
    for (let i = 0; i < ACTIVATIONS; i++) {
      const page = await browser.newPage();
      values.push(
        await new Promise<Activation>((resolve, reject) => {
          setTimeout(() => reject(new Error(`no activation within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS).unref();
          page.on('console', (message) => {
            const [, ms, cpuMs] = /ACTIVATED ([\d.]+) ms, processor time ([\d.]+)/.exec(message.text()) ?? [];
            if (ms !== undefined) resolve({ ms: Number(ms), cpuMs: Number(cpuMs) });
          });
          page.goto(workbenchUrl(server.port, workspace, { extension: root, tests })).catch(reject);
        }),
      );
      await page.close();
    }
    return values;
  } finally {
    await browser.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
