// npm run package: builds and packs virtio-lab-VERSION.vsix, compiler included, and prints its size.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { exitWith, root } from './lib/project.mjs';

/** Without these the package would install and then fail. */
const NEEDED = ['dist/extension.js', 'dist/compiler/bundle.js', 'dist/compiler/llvm.core.wasm'];

async function main(): Promise<void> {
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const file = join(root, `${name}-${version}.vsix`);
  // vsce runs vscode:prepublish, the production build
  await createVSIX({
    cwd: root,
    packagePath: file,
    dependencies: false,
    allowMissingRepository: true,
    // README's links stay relative: there is no web address to point them to
    rewriteRelativeLinks: false,
  });
  const missing = NEEDED.filter((path) => !existsSync(join(root, path)));
  if (missing.length > 0) throw new Error(`the package lacks ${missing.join(', ')}`);
  console.log(`${file}: ${(statSync(file).size / 1e6).toFixed(1)} MB`);
}

main().catch(exitWith);
