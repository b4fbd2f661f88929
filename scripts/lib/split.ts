// Bundles a program for Node in pieces: what it imports by `import()` is read, parsed and run when that is reached first.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { build, type BuildOptions, type BuildResult, transform } from 'esbuild';

/** `extension-2XKQ7L3M.js`: a piece, by the hash of what is in it. */
const PIECE = /-[0-9A-Z]{8}\.js(\.map)?$/;

/**
 * The whole of VS Code's API, once for each of our files that use it. As an ES module's namespace each would be a copy of
 * some hundred names, which is a fifth of what activation costs; ours use it as the object that it is.
 */
const API = /\bimport\s*\*\s*as\s+([\w$]+)\s+from\s*"vscode"/g;

/**
 * The entry in `outfile`, CommonJS, and its pieces beside it: rooms look for files beside them, so all lie in one folder.
 * Pieces of an earlier build go. esbuild splits ES modules only; each piece is made CommonJS by itself.
 * @returns what esbuild tells of the build
 */
export async function bundleInPieces(
  options: BuildOptions & { readonly entry: string; readonly outfile: string },
): Promise<BuildResult<{ metafile: true; write: false }>> {
  const { entry, outfile, ...shared } = options;
  const folder = dirname(outfile);
  const name = basename(outfile, '.js');
  const result = await build({
    ...shared,
    entryPoints: { [name]: entry },
    outdir: folder,
    chunkNames: `${name}-[hash]`,
    format: 'esm',
    splitting: true,
    metafile: true,
    write: false,
    sourcemap: shared.sourcemap === true ? 'inline' : false,
  });
  await mkdir(folder, { recursive: true });
  const old = (await readdir(folder)).filter((file) => file.startsWith(`${name}-`) && PIECE.test(file));
  await Promise.all(old.map((file) => rm(join(folder, file))));
  await Promise.all(
    result.outputFiles.map(async ({ path, text }) => {
      const { code, map } = await transform(text.replace(API, 'const $1 = require("vscode")'), {
        format: 'cjs',
        platform: 'node',
        target: shared.target,
        minify: shared.minify,
        legalComments: 'inline',
        sourcemap: shared.sourcemap === true ? 'external' : false,
        sourcefile: basename(path),
        logOverride: shared.logOverride,
      });
      if (map === '') return writeFile(path, code);
      await writeFile(`${path}.map`, map);
      return writeFile(path, `${code}//# sourceMappingURL=${basename(path)}.map\n`);
    }),
  );
  return result;
}
