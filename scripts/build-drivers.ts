// Compiles the bundled drivers and the kernel API into dist/drivers/, so that a first run needs no compiler.
import { existsSync, mkdirSync, readdirSync, rmSync, cpSync } from 'node:fs';
import { join } from 'node:path';
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
  const wanted = new Set<string>();
  try {
    for (const [name, { files, kernel }] of Object.entries(readManifest(drivers).drivers)) {
      const request: BuildRequest = { files: files.map((file) => ({ path: join(drivers, file) })), kernel };
      const entries = toolchain.cacheEntries(request);
      entries.forEach((entry) => wanted.add(entry));
      if (entries.every((entry) => existsSync(join(out, entry)))) continue;
      // with its linked module there, a driver would be taken as built, and the missing objects with it
      rmSync(join(out, entries[0] ?? name), { force: true });
      await toolchain.build(request);
      console.log(`compiled ${name}`);
    }
  } finally {
    toolchain.dispose();
  }
  for (const entry of readdirSync(out)) if (!wanted.has(entry)) rmSync(join(out, entry), { recursive: true });
}

main().catch((error: unknown) => {
  if (error instanceof CompileError) {
    for (const { file, line, column, message } of error.diagnostics)
      console.error(`${file}:${line}:${column}: ${message}`);
  }
  exitWith(error);
});
