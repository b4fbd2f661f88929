// The licences of all third-party code in dist/, gathered from the npm packages that really went in.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './project.mjs';

/** Shipped as it is, beside the bundles. */
const COMPILER = 'node_modules/@yowasp/clang';
const COMPILER_NOTE = `It contains LLVM, Clang and LLD (Apache License 2.0 with LLVM Exceptions, https://llvm.org/LICENSE.txt)
and wasi-libc (MIT, Apache License 2.0 with LLVM Exceptions, https://github.com/WebAssembly/wasi-libc).`;

/**
 * @param inputs files that were bundled, relative to the project's root
 * @returns one text: name, version and licence of each package
 */
export function thirdPartyNotices(inputs: readonly string[]): string {
  const folders = new Set([...inputs.flatMap(packageFolder), COMPILER]);
  return [...folders]
    .sort()
    .map(notice)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** `node_modules/@scope/name` of the innermost package that holds the file. */
function packageFolder(file: string): string[] {
  const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file);
  return match?.[1] === undefined ? [] : [match[1]];
}

function notice(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license: string;
  };
  const file = readdirSync(join(root, folder)).find((f) => /^licen[cs]e/i.test(f));
  const text = file ? readFileSync(join(root, folder, file), 'utf8').trim() : '';
  const note = folder === COMPILER ? COMPILER_NOTE : '';
  return [`${name} ${version}: ${license}`, note, text].filter(Boolean).join('\n\n') + '\n';
}
