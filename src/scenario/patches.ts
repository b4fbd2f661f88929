// Patches of a scenario: unified diffs of bundled sources. The patched copies are files, so that editors show what runs.
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { applyPatch, parsePatch, type StructuredPatch } from 'diff';

/** bytes; a driver has fifty thousand */
const MAX_PATCH = 1 << 20;

/** A patch that cannot be applied. The message is for its author: which file, which hunk, and what to do. */
class PatchError extends Error {
  override readonly name = 'PatchError';
}

/**
 * Applies patches, each on top of those before it, and writes the patched copies.
 * @param patches paths of unified diffs, as `git diff` and `git format-patch` write them; their file names are below `drivers/`
 * @param driversRoot the lab's drivers/ folder, absolute
 * @param folder where the copies are written, each below a name made of its content: a copy is never changed
 * @param refuse told of a patch, by its index, that cannot be applied, and why; the others are tried all the same
 * @returns absolute path of the copy, by path of the original relative to drivers/
 */
export function applyPatches(
  patches: readonly string[],
  driversRoot: string,
  folder: string,
  refuse: (index: number, why: string) => void,
): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  patches.forEach((path, index) => {
    try {
      for (const patch of readPatch(path)) applyTo(texts, patch, driversRoot);
    } catch (error) {
      if (!(error instanceof PatchError)) throw error;
      refuse(index, error.message);
    }
  });
  return new Map(Array.from(texts, ([name, text]) => [name, writeCopy(folder, name, text)]));
}

/** Where patched copies lie when nobody says: a folder of this user's alone below the system's folder for such. */
export function patchedFolder(): string {
  const folder = join(tmpdir(), `virtio-lab-${userInfo().username}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = lstatSync(folder);
  // another user may have made it first: what is compiled must not be theirs
  const own = stat.isDirectory() && (process.getuid === undefined || stat.uid === process.getuid());
  return own ? folder : mkdtempSync(`${folder}-`);
}

function readPatch(path: string): readonly StructuredPatch[] {
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > MAX_PATCH) throw new PatchError(`${path} has ${size} bytes; expected a patch of at most ${MAX_PATCH}`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof PatchError) throw error;
    throw new PatchError(`${path}: there is no such file, or it cannot be read; expected a unified diff`);
  }
  let found: readonly StructuredPatch[];
  try {
    found = parsePatch(text).filter(({ hunks }) => hunks.length > 0);
  } catch (error) {
    throw new PatchError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (found.length === 0)
    throw new PatchError(`${path} changes nothing: no hunk (@@ … @@) is in it; expected a unified diff`);
  return found;
}

function applyTo(texts: Map<string, string>, patch: StructuredPatch, driversRoot: string): void {
  const name = targetOf(patch);
  const before = texts.get(name) ?? original(driversRoot, name);
  const after = applyPatch(before, patch);
  if (after === false) throw new PatchError(whyNot(before, patch, name));
  texts.set(name, after);
}

/** The file a patch is about, relative to drivers/. */
function targetOf({ oldFileName, newFileName }: StructuredPatch): string {
  if (oldFileName === '/dev/null' || newFileName === '/dev/null')
    throw new PatchError('it adds or deletes a file; expected changes of bundled sources only');
  const [from, to] = [oldFileName, newFileName].map((name) => {
    const plain = posix.normalize((name ?? '').replace(/^[ab]\//, ''));
    return plain.replace(/^drivers\/(?=(virtio_net|lib|examples)\/)/, '');
  });
  if (from === undefined || from !== to)
    throw new PatchError(`it renames ${oldFileName} to ${newFileName}; expected changes in place`);
  if (from.startsWith('..') || posix.isAbsolute(from))
    throw new PatchError(`${from} lies outside the lab's drivers; expected a path below drivers/`);
  return from;
}

function original(driversRoot: string, name: string): string {
  try {
    return readFileSync(join(driversRoot, name), 'utf8');
  } catch {
    throw new PatchError(`${name}: the lab has no such source; expected a path below drivers/, as git diff writes it`);
  }
}

/** The first hunk that does not fit alone, in words. */
function whyNot(text: string, patch: StructuredPatch, name: string): string {
  const bad = patch.hunks.findIndex((hunk) => applyPatch(text, { ...patch, hunks: [hunk] }) === false);
  const hunk = patch.hunks[bad];
  if (hunk === undefined) return `${name}: its hunks do not apply together: they are not in the order of the file`;
  const place = `hunk ${bad + 1} (line ${hunk.oldStart}) does not apply to ${name}`;
  const lines = text.split('\n');
  const missing = hunk.lines.find((line) => /^[ -]/.test(line) && !lines.includes(line.slice(1)));
  const why =
    missing === undefined
      ? 'its lines are there, but not in this order'
      : `no line there is “${missing.slice(1).trim()}”`;
  return `${place}: ${why}; make the patch anew against this version of the file`;
}

function writeCopy(folder: string, name: string, text: string): string {
  const hash = createHash('sha256').update(`${name}\0${text}`).digest('hex').slice(0, 16);
  const path = join(folder, hash, name);
  if (textOf(path) === text) return path;
  mkdirSync(dirname(path), { recursive: true });
  // whoever reads it meanwhile sees all of it, or none
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, text);
  renameSync(partial, path);
  return path;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
