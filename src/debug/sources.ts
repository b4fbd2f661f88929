// Sources: the files of a program as a client knows them, by path on this disk or by reference.
import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, normalize } from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Compiled } from '../scenario';
import type { Program } from '../toolchain';
import { messageOf, RequestError } from './errors';

/** Windows and macOS compare file names without case unless told otherwise. */
const FOLDS_CASE = process.platform === 'win32' || process.platform === 'darwin';

/** One spelling for every path of a file: symbolic links followed, `.` and `..` gone, one case where the system has one. */
export function canonicalPath(path: string): string {
  let real: string;
  try {
    real = realpathSync.native(path);
  } catch {
    // not on disk (yet): the spelling is all there is
    real = normalize(path);
  }
  return FOLDS_CASE ? real.toLowerCase() : real;
}

interface Hosts {
  readonly folder: string;
  readonly lines: Readonly<Record<string, readonly number[]>>;
}

export class Sources {
  private readonly byPath = new Map<string, number[]>();
  private readonly hostByPath = new Map<string, string>();

  /** @param hosts folder of the host models' sources, and the lines where they stop by name of file; none for a run that nobody steps */
  constructor(
    private readonly program: Program,
    private readonly origin: Pick<Compiled, 'sourcePath' | 'sourceText'>,
    private readonly hosts: Hosts = { folder: '', lines: {} },
  ) {
    for (const file of Object.keys(hosts.lines)) this.hostByPath.set(canonicalPath(join(hosts.folder, file)), file);
    program.files.forEach((_, file) => {
      const path = origin.sourcePath(file);
      if (path === undefined) return;
      const key = canonicalPath(path);
      this.byPath.set(key, [...(this.byPath.get(key) ?? []), file]);
    });
  }

  /** A file of the program (index in Program.files) as DAP names it. A file that is not on disk goes by reference. */
  source(file: number): DebugProtocol.Source | undefined {
    const info = this.program.files[file];
    if (info === undefined) return undefined;
    const path = this.origin.sourcePath(file);
    if (path !== undefined) return { name: basename(path), path };
    const { path: shown } = info.origin;
    return { name: basename(shown), path: shown, sourceReference: file + 1, origin: 'bundled with Virtio Lab' };
  }

  /** A file of the host models, by its name in their folder, as DAP names it. */
  hostSource(file: string): DebugProtocol.Source {
    return { name: file, path: join(this.hosts.folder, file), origin: 'host model of Virtio Lab' };
  }

  /** The host models' file that a client's source stands for. */
  hostFileOf(source: DebugProtocol.Source): string | undefined {
    return source.path === undefined ? undefined : this.hostByPath.get(canonicalPath(source.path));
  }

  /** Lines of a host models' file where a thread can stop. */
  hostLines(file: string): readonly number[] {
    return this.hosts.lines[file] ?? [];
  }

  /** All files of the program, each path once, and those of the host models. */
  all(): DebugProtocol.Source[] {
    const seen = new Map<string, DebugProtocol.Source>();
    this.program.files.forEach((_, file) => {
      const source = this.source(file);
      if (source !== undefined) seen.set(`${source.sourceReference ?? 0}:${source.path}`, source);
    });
    return [...seen.values(), ...Object.keys(this.hosts.lines).map((file) => this.hostSource(file))];
  }

  /** Indices in Program.files that a client's source stands for; empty when it is not part of the program. */
  filesOf(source: DebugProtocol.Source): readonly number[] {
    const reference = source.sourceReference ?? 0;
    if (reference > 0) return this.program.files[reference - 1] === undefined ? [] : [reference - 1];
    return source.path === undefined ? [] : (this.byPath.get(canonicalPath(source.path)) ?? []);
  }

  /**
   * Text of a file.
   * @throws RequestError when it cannot be read
   */
  async text(file: number): Promise<string> {
    const path = this.origin.sourcePath(file);
    try {
      return path === undefined ? await this.origin.sourceText(file) : await readFile(path, 'utf8');
    } catch (error) {
      throw new RequestError(`Cannot read ${path ?? this.program.files[file]?.path}: ${messageOf(error)}`);
    }
  }
}
