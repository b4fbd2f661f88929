// `lab`: scenarios from the command line. Results go to stdout, all else to stderr.
import { join } from 'node:path';
import { lab } from './lab';

const result = lab(process.argv.slice(2), {
  // the bundle lies in dist/
  root: join(import.meta.dirname ?? __dirname, '..'),
  cwd: process.cwd(),
  cacheDir: process.env['VIRTIO_LAB_CACHE'],
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  now: () => performance.now(),
});
void result.then((code) => {
  process.exitCode = code;
});
