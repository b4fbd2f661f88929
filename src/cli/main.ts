// `lab`: scenarios from the command line. Results go to stdout, all else to stderr.
import { join } from 'node:path';
import { lab } from './lab';

/** Takes back what is under way before anything else is said. */
const CLEAR = process.stderr.isTTY ? '\r\x1b[K' : '';
const say = (text: string): boolean => process.stderr.write(`${CLEAR}${text}`);

const result = lab(process.argv.slice(2), {
  // the bundle lies in dist/
  root: join(import.meta.dirname ?? __dirname, '..'),
  cwd: process.cwd(),
  cacheDir: process.env['VIRTIO_LAB_CACHE'],
  out: (text) => {
    say('');
    process.stdout.write(text);
  },
  err: say,
  progress: process.stderr.isTTY ? say : undefined,
  now: () => performance.now(),
});
void result.then((code) => {
  process.exitCode = code;
});
