// An esbuild plugin: gives each yield of a host model its line and its variables, and keeps a stack of the models' own calls (src/device/places.ts).
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

/** Names that a declaration binds. */
function bound(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : bound(element.name)));
}

/** Declarations of variables in a scope's own statements, or in its head. */
function declared(scope: ts.Node): readonly (ts.VariableDeclaration | ts.ParameterDeclaration)[] {
  if (ts.isFunctionLike(scope)) return scope.parameters;
  if (ts.isForStatement(scope) || ts.isForOfStatement(scope))
    return scope.initializer !== undefined && ts.isVariableDeclarationList(scope.initializer)
      ? scope.initializer.declarations
      : [];
  if (!ts.isBlock(scope)) return [];
  return scope.statements.flatMap((s) => (ts.isVariableStatement(s) ? [...s.declarationList.declarations] : []));
}

/** Variables that have a value at a node, innermost first. One that is declared behind it hides those of its name further out. */
function localsAt(node: ts.Node): string[] {
  const seen = new Set<string>();
  const locals: string[] = [];
  for (let scope = node.parent; !ts.isSourceFile(scope); scope = scope.parent) {
    const here: string[] = [];
    for (const declaration of declared(scope))
      for (const name of bound(declaration.name)) {
        if (!seen.has(name) && declaration.getEnd() <= node.getStart()) here.push(name);
        seen.add(name);
      }
    locals.push(...here);
  }
  return locals;
}

/**
 * A model's source with its places: `yield a` becomes `yield at(n, a, variables)`, and `yield* f()` keeps its place on the stack while f runs.
 * Lines stay where they are.
 */
export function withPlaces(text: string, file: string): string {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const sites: [number, string, string[]][] = [];
  const inserts: { readonly at: number; readonly text: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isYieldExpression(node) && node.expression !== undefined) {
      const { expression } = node;
      const site = sites.length;
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      const locals = localsAt(node);
      const read = `() => ({ ${locals.join(', ')} })`;
      sites.push([line + 1, nameOf(node), locals]);
      if (node.asteriskToken === undefined)
        inserts.push(
          { at: expression.getStart(source), text: `__places.at(${site}, ` },
          { at: expression.getEnd(), text: `, ${read})` },
        );
      else
        inserts.push(
          { at: node.getStart(source), text: '__places.leave(' },
          { at: expression.getStart(source), text: `(__places.enter(${site}, ${read}), ` },
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

/**
 * A model's source as it ships: what it imports does not, so an editor is told not to look for errors in it. The line is the empty one
 * of its head, so that all others stay where they are.
 */
export const asShipped = (text: string): string => text.replace(/^\/\/$/m, '// @ts-nocheck');

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
