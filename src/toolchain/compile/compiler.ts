// The parent's side of the compiler child: starts it when first needed, restarts it when it dies, ends it when idle.
import { type ChildProcess, fork } from 'node:child_process';
import type { FileSet, ToolRequest, ToolResult } from './protocol';

/** Which compiler the child holds: part of every cache key. A test compares it with the installed package. */
export const COMPILER_VERSION = '@yowasp/clang 22.0.0-git20542-10';

/** The child broke: not the fault of the source. */
export class CompilerFailure extends Error {
  override readonly name = 'CompilerFailure';
}

export interface CompilerOptions {
  /** the child's script: dist/compiler-child.mjs, or its TypeScript source, run through tsx */
  readonly path: string;
  /** ms without a request after which the child is ended; it holds up to 500 MB */
  readonly idleMs?: number;
  /** ms after which one tool run is given up */
  readonly limitMs?: number;
}

interface Waiting {
  readonly resolve: (result: ToolResult) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Runs clang and wasm-ld on files held in memory. Requests are served in order. */
export class Compiler {
  private child: ChildProcess | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private idle: NodeJS.Timeout | undefined;
  private disposed = false;

  constructor(private readonly options: CompilerOptions) {}

  /** Loads the compiler ahead of need. */
  warmUp(): void {
    if (!this.disposed) this.start();
  }

  /**
   * Runs one tool. A tool that refuses its input is no error here: `output` is undefined and `text` says why.
   * @throws CompilerFailure when the child died or did not answer in time; the next request starts a new one
   */
  async run(args: readonly string[], files: FileSet, output: string): Promise<ToolResult> {
    if (this.disposed) throw new CompilerFailure('the toolchain is closed');
    const child = this.start();
    const request: ToolRequest = { id: this.nextId++, args, files, output };
    const result = await new Promise<ToolResult>((resolve, reject) => {
      const limit = this.options.limitMs ?? 120_000;
      const timer = setTimeout(
        () => this.drop(child, `the compiler gave no answer for ${limit / 1000} s and was ended`),
        limit * (this.waiting.size + 1),
      );
      this.waiting.set(request.id, { resolve, reject, timer });
      this.hold(child);
      child.send(request, (error) => {
        if (error) this.drop(child, `the compiler process cannot be reached: ${error.message}`);
      });
    });
    if (result.crash !== undefined) throw new CompilerFailure(`the compiler broke: ${result.crash}`);
    return result;
  }

  /** Ends the child; what is under way is rejected. */
  dispose(): void {
    this.disposed = true;
    if (this.child) this.drop(this.child, 'the toolchain was closed');
  }

  private start(): ChildProcess {
    if (this.child) return this.child;
    const { path } = this.options;
    const child = fork(path, [], {
      execPath: process.execPath,
      execArgv: path.endsWith('.ts') ? ['--import', 'tsx'] : [],
      // desktop VS Code: its executable is Electron, which this turns into a plain Node
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('message', (message) => this.answer(child, message as ToolResult));
    child.on('error', (error) => this.drop(child, `the compiler process does not start: ${error.message}`));
    child.on('exit', (code, signal) => {
      this.drop(child, `the compiler process ended (${signal ?? `exit code ${String(code)}`})`);
    });
    this.child = child;
    this.release(child);
    return child;
  }

  private answer(child: ChildProcess, result: ToolResult): void {
    const waiting = this.waiting.get(result.id);
    if (!waiting) return;
    this.waiting.delete(result.id);
    clearTimeout(waiting.timer);
    if (this.waiting.size === 0) this.release(child);
    waiting.resolve(result);
  }

  private drop(child: ChildProcess, why: string): void {
    if (child !== this.child) return;
    this.child = undefined;
    clearTimeout(this.idle);
    child.kill();
    for (const waiting of this.waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(new CompilerFailure(why));
    }
    this.waiting.clear();
  }

  /** Requests keep the parent alive, an idle child does not. */
  private hold(child: ChildProcess): void {
    clearTimeout(this.idle);
    child.ref();
    child.channel?.ref();
  }

  private release(child: ChildProcess): void {
    child.unref();
    child.channel?.unref();
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.drop(child, 'idle'), this.options.idleMs ?? 300_000);
    this.idle.unref();
  }
}
