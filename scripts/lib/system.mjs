// Programs of the operating system that the project needs: found on PATH, or installed with apt-get on Debian as root.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Failure, run } from './project.mjs';

/**
 * @param {string} program
 * @returns {string | undefined} its absolute path
 */
export function which(program) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const suffix of process.platform === 'win32' ? ['.cmd', '.exe'] : ['']) {
      const path = join(folder, program + suffix);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // not in this folder
      }
    }
  }
  return undefined;
}

/** The browser of the tests; VIRTIO_LAB_CHROMIUM names another one. */
export function browserPath() {
  return process.env.VIRTIO_LAB_CHROMIUM ?? which('chromium') ?? which('chromium-browser') ?? which('google-chrome');
}

/**
 * Makes sure that programs are there.
 * @param {Readonly<Record<string, string>>} wanted Debian package by program name
 * @param {string} purpose for the message: what needs them
 */
export async function ensurePrograms(wanted, purpose) {
  const missing = Object.keys(wanted).filter((program) => !which(program));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((program) => wanted[program] ?? program))];
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0)
    throw new Failure(`${purpose} needs ${missing.join(', ')}: please install ${packages.join(' ')} (as on Debian)`);
  console.log(`Installing ${packages.join(' ')} for ${purpose} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env });
  await run('apt-get', ['install', '-yqq', '--no-install-recommends', ...packages], { env });
}

/** A browser for the tests, and a font to draw with. */
export async function ensureBrowser() {
  if (browserPath()) return;
  await ensurePrograms(
    { chromium: 'chromium', 'fc-list': 'fontconfig', 'font DejaVu': 'fonts-dejavu-core' },
    'the browser tests',
  );
}
