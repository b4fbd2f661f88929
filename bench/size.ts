// Sizes of what is shipped and loaded: the package, and the bundles in dist/.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/lib/project.mjs';
import type { Figure } from './figures';
import { Skip, type Part } from './part';

export const size: Part = {
  name: 'size',
  title: 'size of the package and of the bundles',
  async measure(say) {
    const package_ = list('.', /\.vsix$/, 2 ** 20, 'MiB');
    if (package_.length === 0) say('no .vsix: npm run package makes it');
    const bundles = [...list('dist', /\.m?js$/, 1024, 'KiB'), ...list('dist/webview', /\.(js|css)$/, 1024, 'KiB')];
    if (package_.length + bundles.length === 0) throw new Skip('nothing is built: npm run package');
    return [...package_, ...bundles];
  },
};

function list(folder: string, names: RegExp, unit: number, unitName: string): Figure[] {
  const path = join(root, folder);
  let files: string[] = [];
  try {
    files = readdirSync(path).filter((name) => names.test(name));
  } catch {
    // not built
  }
  return files.map((name) => ({
    name: join(folder, name),
    values: [statSync(join(path, name)).size / unit],
    unit: unitName,
  }));
}
