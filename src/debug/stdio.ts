// The adapter as a program of its own: DAP on stdin and stdout, for editors other than VS Code. Bundled as dist/adapter.js.
import { dirname } from 'node:path';
import { createLauncher } from '../scenario';
import { serve } from './serve';

// the bundle lies in dist/, beside drivers/ and scenarios/
const launcher = createLauncher({ root: dirname(__dirname), cacheDir: process.env['VIRTIO_LAB_CACHE'] });

serve({ launcher }, process.stdin, process.stdout);
