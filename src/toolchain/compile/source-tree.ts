// Sources as the compiler sees them: real files at stable virtual paths, and which headers each one may include.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { SourceOrigin } from '../program';
import type { FileSet } from './protocol';

/** Bundled sources lie below this virtual folder, wherever the lab is installed. */
export const BUNDLED = '/lab/drivers';
/** The hook runtime. */
export const RUNTIME = '/lab/runtime';
const DISK = '/disk';

interface Source {
  readonly bytes: Uint8Array;
  readonly hash: string;
  readonly includes: readonly Include[];
}

interface Include {
  readonly name: string;
  readonly quoted: boolean;
  readonly line: number;
}

interface Cached extends Source {
  readonly stamp: string;
}

export interface SourceTreeOptions {
  /** the real drivers/ folder */
  readonly root: string;
  /** the real folder of hooks.c and hooks.h */
  readonly runtime: string;
  /** virtual include folders, searched in order */
  readonly includeDirs: readonly string[];
}

/** Files read before, by real path: kept between builds, and read again when size or time changes. */
export type SourceCache = Map<string, Cached>;

/** One build's view of the sources: overrides and unsaved texts are laid over the files on disk. */
export class SourceTree {
  private readonly known = new Map<string, Source | undefined>();

  constructor(
    private readonly options: SourceTreeOptions,
    private readonly cache: SourceCache,
    /** real path by virtual path, for files of the lab that the user replaced */
    private readonly overrides: ReadonlyMap<string, string>,
    /** unsaved text by virtual path */
    private readonly texts: ReadonlyMap<string, string>,
    /** real path by virtual path, for bundled files whose patched copy takes their place */
    private readonly patched: ReadonlyMap<string, string> = new Map(),
  ) {}

  /** Virtual path of a real file. */
  static virtual(options: Pick<SourceTreeOptions, 'root'>, real: string): string {
    const relative = path.relative(options.root, real);
    const inside = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
    if (inside) return `${BUNDLED}/${slashes(relative)}`;
    return `${DISK}/${slashes(real).replace(/^\//, '')}`;
  }

  /** Where a virtual path lives. */
  origin(virtual: string): SourceOrigin {
    const copy = this.patched.get(virtual);
    if (copy !== undefined) return { kind: 'patched', path: copy, of: virtual.slice(BUNDLED.length + 1) };
    const override = this.overrides.get(virtual);
    if (override !== undefined) return { kind: 'disk', path: override };
    if (virtual.startsWith(`${BUNDLED}/`)) return { kind: 'bundled', path: virtual.slice(BUNDLED.length + 1) };
    if (virtual.startsWith(`${DISK}/`)) return { kind: 'disk', path: this.real(virtual) };
    return { kind: 'bundled', path: virtual };
  }

  /** Real path of a virtual one, whether or not there is such a file. */
  real(virtual: string): string {
    const override = this.patched.get(virtual) ?? this.overrides.get(virtual);
    if (override !== undefined) return override;
    if (virtual.startsWith(`${BUNDLED}/`)) return path.join(this.options.root, virtual.slice(BUNDLED.length + 1));
    if (virtual.startsWith(`${RUNTIME}/`)) return path.join(this.options.runtime, virtual.slice(RUNTIME.length + 1));
    const rest = virtual.slice(DISK.length + 1);
    return /^[A-Za-z]:/.test(rest) ? path.normalize(rest) : `/${rest}`;
  }

  text(virtual: string): string | undefined {
    const source = this.read(virtual);
    return source && new TextDecoder().decode(source.bytes);
  }

  /**
   * A source and every header it may include, whatever the conditions around the #include: what the compiler is given,
   * and what the cache key is made of.
   */
  closure(virtual: string): { readonly files: FileSet; readonly hash: string } {
    const files: Record<string, Uint8Array> = {};
    const hash = createHash('sha256');
    const seen = new Set<string>();
    const queue = [virtual];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (seen.has(next)) continue;
      seen.add(next);
      const source = this.read(next);
      if (!source) continue;
      files[next] = source.bytes;
      hash.update(`${next}\0${source.hash}\0`);
      for (const include of source.includes) queue.push(...this.candidates(next, include));
    }
    return { files, hash: hash.digest('hex') };
  }

  /** The library header that declares a function, as an #include names it: `linux/slab.h`. Of the headers read so far. */
  headerOf(name: string): string | undefined {
    // a declaration begins at the first column; a call in an inline function does not
    const declaration = new RegExp(`^(?:[A-Za-z_][^\\n=]*\\b|#define[ \\t]+)${name}[ \\t]*\\(`, 'm');
    for (const [virtual, source] of this.known) {
      const folder = this.options.includeDirs.find((dir) => virtual.startsWith(`${dir}/`));
      if (folder === undefined || !source || folder === RUNTIME) continue;
      if (declaration.test(new TextDecoder().decode(source.bytes))) return virtual.slice(folder.length + 1);
    }
    return undefined;
  }

  /** Includes of a file that name no file of the tree: the lab lacks them, or the compiler brings them. */
  unresolved(virtual: string): readonly Include[] {
    return this.read(virtual)?.includes.filter((include) => this.candidates(virtual, include).length === 0) ?? [];
  }

  /** The file that an #include finds: the first that exists, as the compiler would. */
  private candidates(from: string, { name, quoted }: Include): string[] {
    const folders = quoted ? [path.posix.dirname(from), ...this.options.includeDirs] : this.options.includeDirs;
    for (const folder of folders) {
      const candidate = path.posix.normalize(`${folder}/${name}`);
      if (this.read(candidate)) return [candidate];
    }
    return [];
  }

  private read(virtual: string): Source | undefined {
    if (this.known.has(virtual)) return this.known.get(virtual);
    const text = this.texts.get(virtual);
    const source =
      text === undefined ? readCached(this.cache, this.real(virtual)) : parse(new TextEncoder().encode(text));
    this.known.set(virtual, source);
    return source;
  }
}

function readCached(cache: SourceCache, real: string): Source | undefined {
  const stat = statSync(real, { throwIfNoEntry: false });
  if (!stat?.isFile()) return undefined;
  const stamp = `${stat.size}:${stat.mtimeMs}:${stat.ctimeMs}`;
  const known = cache.get(real);
  if (known?.stamp === stamp) return known;
  const source = { ...parse(readFileSync(real)), stamp };
  cache.set(real, source);
  return source;
}

function parse(bytes: Uint8Array): Source {
  // a copy of its own: a Buffer may be a slice of a pool
  const own = Uint8Array.from(bytes);
  const includes: Include[] = [];
  new TextDecoder()
    .decode(own)
    .split('\n')
    .forEach((text, i) => {
      const match = /^\s*#\s*include(?:_next)?\s*(?:"([^"]+)"|<([^>]+)>)/.exec(text);
      if (match) includes.push({ name: (match[1] ?? match[2])!, quoted: match[1] !== undefined, line: i + 1 });
    });
  return { bytes: own, hash: createHash('sha256').update(own).digest('hex'), includes };
}

function slashes(real: string): string {
  return real.split(path.sep).join('/');
}
