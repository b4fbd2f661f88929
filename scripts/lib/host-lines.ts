// An esbuild plugin: gives each yield of a host model its line, and keeps a stack of the models' own calls (src/device/places.ts).
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Plugin } from 'esbuild';
import ts from 'typescript';

/** Name of a function as a call stack shows it: its own, or for the `run` of a thread the one that makes the thread. */
function nameOf(node: ts.Node): string {
  let own: ts.Node | undefined = node;
  while (own !== undefined && !ts.isFunctionLike(own)) own = own.parent;
  for (let n: ts.Node | undefined = own; n !== undefined; n = n.parent) {
    if (ts.isFunctionDeclaration(n) && n.name !== undefined) return n.name.text;
    if (ts.isVariableDeclaration(n) && ts.isIdentifier(n.name)) return n.name.text;
  }
  return 'host';
}

/**
 * A model's source with its places: `yield a` becomes `yield at(n, a)`, and `yield* f()` keeps its place on the stack while f runs.
 * Lines stay where they are.
 */
export function withPlaces(text: string, file: string): string {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const sites: [number, string][] = [];
  const inserts: { readonly at: number; readonly text: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isYieldExpression(node) && node.expression !== undefined) {
      const { expression } = node;
      const site = sites.length;
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      sites.push([line + 1, nameOf(node)]);
      if (node.asteriskToken === undefined)
        inserts.push(
          { at: expression.getStart(source), text: `__places.at(${site}, ` },
          { at: expression.getEnd(), text: ')' },
        );
      else
        inserts.push(
          { at: node.getStart(source), text: '__places.leave(' },
          { at: expression.getStart(source), text: `(__places.enter(${site}), ` },
          { at: expression.getEnd(), text: '))' },
        );
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  if (sites.length === 0) return text;
  // What ends somewhere was begun further out than what begins there: inner ends come first, in the order they were found reversed.
  const ordered = inserts
    .map((insert, order) => ({ ...insert, order }))
    .sort((a, b) => a.at - b.at || a.order - b.order);
  let result = '';
  let from = 0;
  for (const { at, text: inserted } of ordered) {
    result += text.slice(from, at) + inserted;
    from = at;
  }
  const head = `import { placesOf as __placesOf } from '../places'; const __places = __placesOf(${JSON.stringify(file)}, ${JSON.stringify(sites)}); `;
  return head + result + text.slice(from);
}

/** Applies it to the host models as they are bundled. */
export const hostLines: Plugin = {
  name: 'host-lines',
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/]device[\\/]hosts[\\/][^\\/]+\.ts$/ }, async ({ path }) => ({
      contents: withPlaces(await readFile(path, 'utf8'), basename(path)),
      loader: 'ts',
    }));
  },
};
