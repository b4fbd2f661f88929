// The toolchain: compiles a driver and the kernel API, links them with the hooks, and makes the Program; all of it cached by content.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { buildProgram } from './build-program';
import { ContentCache } from './compile/cache';
import { Compiler, COMPILER_VERSION } from './compile/compiler';
import { CompileError, type Diagnostic, parseDiagnostics } from './compile/diagnostics';
import { compileFlags, LINK_FLAGS } from './compile/flags';
import { kernelFiles, type Manifest, readManifest, versionCode } from './compile/manifest';
import type { FileSet } from './compile/protocol';
import { type Input, linkError, locate, ownWarnings, type Part, sourceProblems, type Unit } from './compile/report';
import { BUNDLED, RUNTIME, type SourceCache, SourceTree } from './compile/source-tree';
import { packContainer, unpackContainer } from './compile/container';
import type { Program } from './program';

export interface DriverFile {
  /** absolute; a file below the lab's own drivers/ is a bundled one */
  readonly path: string;
  /** its text, when that is not what is on disk */
  readonly text?: string;
}

export interface BuildRequest {
  /** C files of the driver, in link order; linked before the kernel API, so that its initcalls come first */
  readonly files: readonly DriverFile[];
  /** absolute path of the user's copy, by path relative to drivers/lib: C files and headers */
  readonly libOverrides?: ReadonlyMap<string, string>;
  /** absolute path of a patched copy, by path of the bundled file relative to drivers/: it is compiled in the original's place */
  readonly patched?: ReadonlyMap<string, string>;
  readonly defines?: Readonly<Record<string, string>>;
  /** version of the kernel API: a name in the manifest's `kernels`; default: the manifest's `defaultKernel` */
  readonly kernel?: string;
  /** told of the warnings in the driver's own files when the build succeeds */
  readonly onWarnings?: (warnings: readonly Diagnostic[]) => void;
}

export interface ToolchainOptions {
  /** the lab's drivers/ folder, absolute */
  readonly root: string;
  /** folder for compiled objects and linked modules, and for patched copies of sources; without it objects are kept in memory only */
  readonly cacheDir?: string;
  /** the compiler child's script; default: in dist/ beside `root` */
  readonly compilerPath?: string;
  /** folder of hooks.c and hooks.h; default: found beside `root` */
  readonly runtimeDir?: string;
  /** ms without a build after which the compiler child is ended */
  readonly idleMs?: number;
}

export interface Toolchain {
  /** folder for patched copies of sources; undefined when nothing is kept on disk */
  readonly patchedDir: string | undefined;
  /**
   * Compiles, links and instruments a driver. What is in a cache is not built again: a bundled driver needs no compiler.
   * @throws CompileError when the driver does not compile or link; AbortError (DOMException) when `signal` is aborted
   */
  build(request: BuildRequest, signal?: AbortSignal): Promise<Program>;
  /** Names of the cache files that hold what a request compiles: what a package ships so that no compiler is needed. */
  cacheEntries(request: BuildRequest): string[];
  /** Starts the compiler ahead of need. */
  warmUp(): void;
  dispose(): void;
}

/** An input with its compiler run, and the key of its result in the cache. */
interface Job extends Input {
  readonly flags: readonly string[];
  readonly files: FileSet;
  readonly key: string;
}

const UNIT_VERSION = 1;
const PROGRAMS_KEPT = 4;

const unitCodec = {
  extension: '.unit',
  pack: ({ object, diagnostics }: Unit): Uint8Array =>
    packContainer('unit', UNIT_VERSION, { json: diagnostics, blobs: [object] }),
  unpack: (bytes: Uint8Array): Unit => {
    const { json, blobs } = unpackContainer('unit', UNIT_VERSION, bytes);
    return { object: blobs[0]!, diagnostics: json as Diagnostic[] };
  },
};

/** Creates a toolchain. The compiler child starts with the first build that needs it. */
export function createToolchain(options: ToolchainOptions): Toolchain {
  return new LabToolchain(options);
}

class LabToolchain implements Toolchain {
  private readonly compiler: Compiler;
  private readonly runtime: string;
  private readonly units: ContentCache<Unit>;
  /** the last few Programs, by the keys of their linked modules */
  private readonly programs = new Map<string, Program>();
  private readonly sources: SourceCache = new Map();
  /** files that are being compiled, by the keys of their units */
  private readonly compiling = new Map<string, Promise<Unit>>();

  readonly patchedDir: string | undefined;

  constructor(private readonly options: ToolchainOptions) {
    this.patchedDir = options.cacheDir === undefined ? undefined : path.join(options.cacheDir, 'patched');
    const beside = path.dirname(options.root);
    this.runtime = options.runtimeDir ?? firstPresent(beside, ['src/toolchain/runtime', 'dist/runtime']);
    const script =
      options.compilerPath ??
      firstPresent(beside, ['dist/compiler-child.mjs', 'src/toolchain/compile/compiler-child.ts']);
    this.compiler = new Compiler({ path: script, idleMs: options.idleMs });
    const shipped = [path.join(beside, 'dist', 'drivers')];
    this.units = new ContentCache(unitCodec, options.cacheDir, shipped, 200);
  }

  warmUp(): void {
    this.compiler.warmUp();
  }

  dispose(): void {
    this.compiler.dispose();
  }

  cacheEntries(request: BuildRequest): string[] {
    const { jobs, linkKey } = this.plan(request);
    return [linkKey, ...jobs.map(({ key }) => key)].map((key) => key + unitCodec.extension);
  }

  async build(request: BuildRequest, signal?: AbortSignal): Promise<Program> {
    signal?.throwIfAborted();
    const { tree, jobs, linkKey } = this.plan(request);
    let linked = this.units.get(linkKey);
    if (!linked) {
      const parts: Part[] = [];
      for (const job of jobs) {
        signal?.throwIfAborted();
        const unit = this.units.get(job.key) ?? (await abortable(this.compileOnce(job), signal));
        parts.push({ ...job, ...unit });
      }
      linked = { object: await abortable(this.link(parts, tree), signal), diagnostics: ownWarnings(parts) };
      this.units.set(linkKey, linked);
    }
    const program = this.programs.get(linkKey) ?? buildProgram(linked.object, linkKey, (file) => tree.origin(file));
    this.keep(linkKey, program);
    request.onWarnings?.(linked.diagnostics.map((diagnostic) => locate(diagnostic, tree)));
    return program;
  }

  /** What a request compiles, with the keys of the cache: hashes of all that goes in. */
  private plan(request: BuildRequest): {
    readonly tree: SourceTree;
    readonly jobs: readonly Job[];
    readonly linkKey: string;
  } {
    const manifest = readManifest(this.options.root);
    const includeDirs = [...manifest.include.map((dir) => `${BUNDLED}/${dir}`), RUNTIME];
    const tree = this.sourceTree(request, includeDirs);
    const kernel = request.kernel ?? manifest.defaultKernel;
    const version = { LINUX_VERSION_CODE: String(versionCode(kernel)) };
    const jobs = this.inputs(request, manifest, kernel).map((input): Job => {
      const flags = compileFlags(input.kind, includeDirs, input.own ? { ...version, ...request.defines } : {});
      const { files, hash } = tree.closure(input.virtual);
      if (!files[input.virtual]) throw notFound(tree, input.virtual);
      return { ...input, flags, files, key: digest(COMPILER_VERSION, flags, input.virtual, hash) };
    });
    const linkKey = digest(
      LINK_FLAGS,
      jobs.map(({ key }) => key),
    );
    return { tree, jobs, linkKey };
  }

  private keep(key: string, program: Program): void {
    this.programs.delete(key);
    this.programs.set(key, program);
    const [oldest] = this.programs.keys();
    if (this.programs.size > PROGRAMS_KEPT && oldest !== undefined) this.programs.delete(oldest);
  }

  private sourceTree({ files, libOverrides, patched }: BuildRequest, includeDirs: readonly string[]): SourceTree {
    const { root } = this.options;
    const overrides = new Map<string, string>();
    for (const [relative, real] of libOverrides ?? [])
      overrides.set(`${BUNDLED}/lib/${relative.replaceAll('\\', '/')}`, real);
    const texts = new Map<string, string>();
    for (const { path: real, text } of files) {
      if (text !== undefined) texts.set(SourceTree.virtual({ root }, real), text);
    }
    const copies = new Map(Array.from(patched ?? [], ([relative, real]) => [`${BUNDLED}/${relative}`, real] as const));
    return new SourceTree({ root, runtime: this.runtime, includeDirs }, this.sources, overrides, texts, copies);
  }

  private inputs({ files }: BuildRequest, manifest: Manifest, kernel: string): Input[] {
    const quiet = new Set(manifest.nodebug);
    return [
      ...files.map((file): Input => ({
        virtual: SourceTree.virtual(this.options, file.path),
        kind: 'stepped',
        own: true,
      })),
      ...kernelFiles(manifest, kernel).map((file): Input => ({
        virtual: `${BUNDLED}/${file}`,
        kind: quiet.has(file) ? 'nodebug' : 'stepped',
        own: false,
      })),
      { virtual: `${RUNTIME}/hooks.c`, kind: 'hooks', own: false },
    ];
  }

  /** Two builds side by side, as a launch beside the check of the scenario that it has opened, wait for the same compiler run. */
  private compileOnce(job: Job): Promise<Unit> {
    const underWay = this.compiling.get(job.key);
    if (underWay !== undefined) return underWay;
    const unit = this.compile(job).finally(() => this.compiling.delete(job.key));
    this.compiling.set(job.key, unit);
    return unit;
  }

  /** Compiles one file. A file with errors gives an empty object, so that the errors of all files are told at once. */
  private async compile({ virtual, flags, files, key }: Job): Promise<Unit> {
    const output = '/out.o';
    const result = await this.compiler.run([...flags, '-c', virtual, '-o', output], files, output);
    const diagnostics = parseDiagnostics(result.text);
    if (result.output) {
      const unit = { object: result.output, diagnostics };
      this.units.set(key, unit);
      return unit;
    }
    if (diagnostics.some((d) => d.severity === 'error')) return { object: new Uint8Array(), diagnostics };
    const message = `clang gave no object and no error for this file: ${result.text.slice(0, 200)}`;
    return {
      object: new Uint8Array(),
      diagnostics: [{ file: virtual, line: 0, column: 0, severity: 'error', message }],
    };
  }

  private async link(parts: readonly Part[], tree: SourceTree): Promise<Uint8Array> {
    const problems = sourceProblems(parts, tree);
    if (problems.errors.length > 0) throw new CompileError(problems.errors, problems.missing);
    const objects: Record<string, Uint8Array> = {};
    const byObject = new Map<string, Part>();
    parts.forEach((part, i) => {
      const name = `/${i}.o`;
      objects[name] = part.object;
      byObject.set(name, part);
    });
    const output = '/driver.wasm';
    const result = await this.compiler.run([...LINK_FLAGS, ...Object.keys(objects), '-o', output], objects, output);
    if (result.output && problems.undeclared.length === 0) return result.output;
    throw linkError(result.text, byObject, tree, problems.undeclared);
  }
}

function notFound(tree: SourceTree, virtual: string): CompileError {
  const file = tree.real(virtual);
  return new CompileError([{ file, line: 0, column: 0, severity: 'error', message: 'there is no such file' }]);
}

function digest(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function firstPresent(folder: string, names: readonly string[]): string {
  const paths = names.map((name) => path.join(folder, name));
  return paths.find((candidate) => existsSync(candidate)) ?? paths[0]!;
}

/** Rejects as soon as the signal is aborted; the work itself goes on and fills the cache. */
async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
