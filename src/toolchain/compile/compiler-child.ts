// The compiler child: clang and wasm-ld as WebAssembly, kept loaded in a process of its own. Requests come over IPC, one at a time.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import type { FileSet, ToolRequest, ToolResult } from './protocol';

// Before anything of the compiler is loaded: with the optimising tiers, V8 spends seconds on code that runs once.
v8.setFlagsFromString('--liftoff-only');

interface Tree {
  [name: string]: Tree | string | Uint8Array;
}

interface RunOptions {
  stdout?: (bytes: Uint8Array | null) => void;
  stderr?: (bytes: Uint8Array | null) => void;
  fetchProgress?: () => void;
}

interface CompilerModule {
  runLLVM(args: readonly string[] | null, files: Tree, options: RunOptions): Promise<Tree> | Tree | undefined;
  Exit: new (...args: never[]) => Error & { code: number; files: Tree };
}

/** The copy beside this file in a package; the one in node_modules in a checkout. */
async function loadCompiler(): Promise<CompilerModule> {
  const packaged = new URL('./compiler/bundle.js', import.meta.url);
  const name = existsSync(fileURLToPath(packaged)) ? packaged.href : '@yowasp/clang';
  const compiler = (await import(name)) as CompilerModule;
  await compiler.runLLVM(null, {}, { fetchProgress() {} });
  return compiler;
}

function plant(files: FileSet): Tree {
  const tree: Tree = {};
  for (const [path, bytes] of Object.entries(files)) {
    const parts = path.split('/').filter(Boolean);
    const name = parts.pop();
    if (name === undefined) continue;
    let folder = tree;
    for (const part of parts) folder = (folder[part] ??= {}) as Tree;
    folder[name] = bytes;
  }
  return tree;
}

function pick(tree: Tree | undefined, path: string): Uint8Array | undefined {
  let node: Tree | string | Uint8Array | undefined = tree;
  for (const part of path.split('/').filter(Boolean)) {
    if (node === undefined || typeof node === 'string' || node instanceof Uint8Array) return undefined;
    node = node[part];
  }
  return node instanceof Uint8Array ? node : undefined;
}

async function runTool(compiler: CompilerModule, request: ToolRequest): Promise<ToolResult> {
  const decoder = new TextDecoder();
  let text = '';
  const collect = (bytes: Uint8Array | null): void => {
    if (bytes) text += decoder.decode(bytes, { stream: true });
  };
  const options: RunOptions = { stdout: collect, stderr: collect, fetchProgress() {} };
  try {
    const tree = await compiler.runLLVM(request.args, plant(request.files), options);
    return { id: request.id, output: pick(tree, request.output), text };
  } catch (error) {
    // Exit carries the whole file tree: never pass it on
    if (error instanceof compiler.Exit) return { id: request.id, text };
    return { id: request.id, text, crash: error instanceof Error ? error.message : String(error) };
  }
}

function reply(result: ToolResult): void {
  process.send?.(result);
}

const compiler = loadCompiler();
let last: Promise<void> = Promise.resolve();

process.on('message', (request: ToolRequest) => {
  last = last.then(async () => {
    try {
      reply(await runTool(await compiler, request));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      reply({ id: request.id, text: '', crash: `the compiler does not load: ${why}` });
    }
  });
});
process.on('disconnect', () => process.exit(0));
