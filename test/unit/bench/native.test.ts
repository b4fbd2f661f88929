// The native half of the bench, bench/native, against the headers that the kernel API has of the machine and of the hooks: by the
// compiler that the lab ships, so that it holds on a machine without gcc too.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelFlags } from '../../../bench/native';
import { childPath } from '../toolchain/support';
import { readManifest } from '../../../src/toolchain';
import { Compiler } from '../../../src/toolchain/compile/compiler';
import { drivers } from '../../support/machine';

const root = join(__dirname, '../../..');
const FOLDERS = ['bench/native', 'drivers/lib/include', 'src/toolchain/runtime'];

/** The C files and headers of these folders, at their paths in the repository. */
function sources(): Record<string, Uint8Array> {
  const names = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  ).filter((name) => /\.[ch]$/.test(name));
  return Object.fromEntries(names.map((name) => [`/${name}`, readFileSync(join(root, name))]));
}

describe('the native half of the bench', function () {
  this.timeout(60_000);
  const compiler = new Compiler({ path: childPath });
  after(() => compiler.dispose());

  it('compiles against the kernel API, and has all that the API asks of the machine and of the hooks', async () => {
    // not x86 code, which this compiler cannot make, nor a WebAssembly object, in which the 16 MiB of RAM would be spelled out
    const target = ['clang', '--target=wasm32', '-S', '-emit-llvm', '-Werror=implicit-function-declaration'];
    const flags = [...target, ...kernelFlags('/', readManifest(drivers).include)];
    const files = sources();
    const { text } = await compiler.run([...flags, '/bench/native/main.c', '-o', '-'], files, '');
    assert.ok(text.startsWith('; ModuleID'), text);
    const there = new Set(Array.from(text.matchAll(/^define .*@(\w+)\(/gm), ([, name]) => name));
    const header = (path: string): string => new TextDecoder().decode(files[path]);
    const asked = [
      ...header('/drivers/lib/include/lab/machine.h').matchAll(/^LAB_IMPORT\(\w+\)[^;]*\b(lab_\w+)\(/gm),
      ...header('/src/toolchain/runtime/hooks.h').matchAll(/^void (\w+)\(/gm),
    ].map(([, name]) => name);
    for (const one of ['lab_mmio_read', '__lab_hook_uncounted']) assert.ok(asked.includes(one), asked.join(', '));
    const missing = asked.filter((name) => !there.has(name));
    assert.deepEqual(missing, [], 'bench/native/main.c defines them');
  });
});
