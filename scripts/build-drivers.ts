// Compiles the bundled drivers, the kernel API and the pieces that scenarios link into dist/drivers/, for first runs to be quick.
import { existsSync, mkdirSync, readdirSync, rmSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { bundledScenarios, resolveScenario } from '../src/scenario';
import { type BuildRequest, CompileError, createToolchain, readManifest } from '../src/toolchain';
import { exitWith, root } from './lib/project.mjs';

const drivers = join(root, 'drivers');
const out = join(root, 'dist', 'drivers');
const runtime = join(root, 'src/toolchain/runtime');

async function main(): Promise<void> {
  mkdirSync(out, { recursive: true });
  // a package has no src/: a user's driver is linked with these
  cpSync(runtime, join(root, 'dist', 'runtime'), { recursive: true });
  const toolchain = createToolchain({ root: drivers, cacheDir: out, runtimeDir: runtime });
  /** paths */
  const wanted = new Set<string>();
  try {
    for (const { name, request, linked } of [...bundledDrivers(), ...scenarioDrivers()]) {
      const [link, ...units] = toolchain.cacheEntries(request).map((entry) => join(out, entry));
      const needed = linked && link !== undefined ? [link, ...units] : units;
      needed.forEach((path) => wanted.add(path));
      if (needed.every((path) => existsSync(path))) continue;
      // with its linked module there, a driver would be taken as built, and the missing objects with it
      if (link !== undefined) rmSync(link, { force: true });
      await toolchain.build(request);
      console.log(`compiled ${name}`);
    }
  } finally {
    toolchain.dispose();
  }
  for (const entry of readdirSync(out))
    if (!wanted.has(join(out, entry))) rmSync(join(out, entry), { recursive: true });
}

interface Wanted {
  readonly name: string;
  readonly request: BuildRequest;
  /** the linked module is shipped too: a first run needs no compiler at all */
  readonly linked: boolean;
}

function bundledDrivers(): Wanted[] {
  return Object.entries(readManifest(drivers).drivers).map(([name, { files, kernel }]) => ({
    name,
    request: { files: files.map((file) => ({ path: join(drivers, file) })), kernel },
    linked: true,
  }));
}

/** Drivers that scenarios put together of bundled files: their pieces, which are the same in many; linking takes no time. */
function scenarioDrivers(): Wanted[] {
  return bundledScenarios(join(root, 'scenarios'))
    .filter(({ scenario: { driver } }) => 'files' in driver && driver.patches === undefined)
    .map((loaded) => ({
      name: `the driver of ${loaded.scenario.name}`,
      request: resolveScenario(loaded, drivers).driver,
      linked: false,
    }));
}

main().catch((error: unknown) => {
  if (error instanceof CompileError) {
    for (const { file, line, column, message } of error.diagnostics)
      console.error(`${file}:${line}:${column}: ${message}`);
  }
  exitWith(error);
});
