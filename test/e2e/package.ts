// The packaged extension that the browser tests install: `npm run package` makes it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/lib/project.mjs';

/** Absolute path of the .vsix of this version. @throws Error when it has not been packaged. */
export function packagedExtension(): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const path = join(root, `virtio-lab-${version}.vsix`);
  if (!existsSync(path)) throw new Error(`there is no ${path}: run \`npm run package\` first`);
  return path;
}
