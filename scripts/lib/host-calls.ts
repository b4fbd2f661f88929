// An esbuild plugin for what only runs: a host model yields its calls to its thread (src/device/thread.ts), which keeps the stack of them.
//
// `yield* f()` resumes every generator of the nest for each action of the innermost one; a third of a host's time goes there.
// The sources keep `yield*`, which says what is meant, and which the types follow.
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import ts from 'typescript';

/** A model's source with `yield f()` for each `yield* f()`. Lines stay where they are. */
export function withCallsYielded(text: string, file: string): string {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const asterisks: number[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isYieldExpression(node) && node.asteriskToken !== undefined)
      asterisks.push(node.asteriskToken.getStart(source));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return asterisks.reduceRight((result, at) => `${result.slice(0, at)} ${result.slice(at + 1)}`, text);
}

/** Applies it to the host models as they are bundled. */
export const hostCalls: Plugin = {
  name: 'host-calls',
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/]device[\\/]hosts[\\/][^\\/]+\.ts$/ }, async ({ path }) => ({
      contents: withCallsYielded(await readFile(path, 'utf8'), path),
      loader: 'ts',
    }));
  },
};
