// An esbuild plugin for what only runs: a host model's actions are performed as they are reached, and its calls become part of their caller.
//
// To leave a generator and come back, and to make one for each call, costs more than most of a host's actions do. The sources keep
// `yield` and `yield*`, which say what is meant, which types follow, and which the debugger steps (host-lines.ts). The other half is
// src/device/ahead.ts.
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import ts from 'typescript';

/** A generator function of the file, which a call can be replaced by. */
type Callee = ts.FunctionDeclaration & { readonly name: ts.Identifier; readonly body: ts.Block };

/** Replaces a part of a source's text. */
interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Where a callee's body is put: what its `return` becomes. */
interface Site {
  /** of the block that it is put into */
  readonly label: string;
  /** takes the value that it returns; undefined: nobody wants it */
  readonly result: string | undefined;
}

/** A model's source, its actions performed ahead and its calls put in place. Lines move: nobody looks at them. */
export function withCallsInPlace(text: string, file: string): string {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const rewritten = new Rewriter(source).rewrite(source);
  return rewritten === text ? text : `import { ahead } from '../ahead';\n${rewritten}`;
}

class Rewriter {
  private readonly callees = new Map<string, Callee>();
  /** functions whose text is being written: none is put into itself */
  private readonly within: ts.Node[] = [];
  private sites = 0;

  constructor(private readonly source: ts.SourceFile) {
    for (const statement of source.statements)
      if (isCallee(statement)) this.callees.set(statement.name.text, statement);
  }

  /** Text of a node, rewritten. `site`: of a callee's body. */
  rewrite(node: ts.Node, site?: Site): string {
    const edits: Edit[] = [];
    const visit = (child: ts.Node): void => {
      const edit = this.edit(child, site);
      if (edit !== undefined) edits.push(edit);
      else if (ts.isFunctionLike(child) && child !== node) {
        this.within.push(child);
        // what it returns is its own
        edits.push({ from: child.getStart(this.source), to: child.getEnd(), text: this.rewrite(child) });
        this.within.pop();
      } else ts.forEachChild(child, visit);
    };
    ts.forEachChild(node, visit);
    return this.apply(node, edits);
  }

  private edit(node: ts.Node, site: Site | undefined): Edit | undefined {
    const place = { from: node.getStart(this.source), to: node.getEnd() };
    const call = calledIn(node);
    const callee = call && this.inPlace(call);
    if (call !== undefined && callee !== undefined) return { ...place, text: this.put(call, callee, node) };
    if (ts.isYieldExpression(node) && node.expression !== undefined && node.asteriskToken === undefined) {
      const kind = kindOf(node.expression, this.source);
      const asks = `${kind === undefined ? 'acts(' : `does(${kind}, `}${this.whole(node.expression)})`;
      return { ...place, text: `(ahead.${asks} ? ahead.result : yield ahead.action)` };
    }
    if (ts.isReturnStatement(node) && site !== undefined) {
      const value = node.expression === undefined ? 'undefined' : this.whole(node.expression);
      return {
        ...place,
        text: `{ ${site.result === undefined ? '' : `${site.result} = ${value}; `}break ${site.label}; }`,
      };
    }
    return undefined;
  }

  /** Text of an expression that may itself be what is rewritten. */
  private whole(node: ts.Expression): string {
    return this.edit(node, undefined)?.text ?? this.rewrite(node);
  }

  /** The callee of `yield* f(…)`, when it can be put in place: no function that is being put there, and no name that means another thing. */
  private inPlace({ expression }: ts.CallExpression): Callee | undefined {
    const callee = ts.isIdentifier(expression) ? this.callees.get(expression.text) : undefined;
    if (callee === undefined || this.within.includes(callee)) return undefined;
    const own = declaredIn(callee);
    const around = new Set(this.within.flatMap((f) => [...declaredIn(f)]));
    for (const name of namesIn(callee.body)) if (!own.has(name) && around.has(name)) return undefined;
    return callee;
  }

  /** A statement in which `f` is called, with the body of `f`. Its parameters are set before any name of its own hides one of the caller's. */
  private put(call: ts.CallExpression, callee: Callee, statement: ts.Node): string {
    const n = ++this.sites;
    const value = ts.isVariableStatement(statement) ? statement.declarationList.declarations[0] : undefined;
    const site = { label: `call${n}`, result: value && `result${n}` };
    const args = call.arguments.map((argument, i) => `argument${n}_${i} = ${this.whole(argument)}`);
    const parameters = callee.parameters.map((p, i) => `${p.name.getText(this.source)} = argument${n}_${i}`);
    this.within.push(callee);
    const body = this.rewrite(callee.body, site);
    this.within.pop();
    const block = `${declare(args)} ${site.label}: { ${declare(parameters)} ${body} }`;
    if (value === undefined) return `{ ${block} }`;
    return `let ${site.result}; { ${block} } const ${value.name.getText(this.source)} = ${site.result};`;
  }

  private apply(node: ts.Node, edits: readonly Edit[]): string {
    const start = ts.isSourceFile(node) ? 0 : node.getStart(this.source);
    let text = '';
    let from = start;
    for (const edit of [...edits].sort((a, b) => a.from - b.from)) {
      text += this.source.text.slice(from, edit.from) + edit.text;
      from = edit.to;
    }
    return text + this.source.text.slice(from, node.getEnd());
  }
}

const declare = (names: readonly string[]): string => (names.length === 0 ? '' : `let ${names.join(', ')};`);

function isCallee(node: ts.Statement): node is Callee {
  return (
    ts.isFunctionDeclaration(node) &&
    node.asteriskToken !== undefined &&
    node.name !== undefined &&
    node.body !== undefined &&
    node.parameters.every((p) => p.initializer === undefined && p.dotDotDotToken === undefined)
  );
}

/** The call of `yield* f(…);` and `const x = yield* f(…);`: where a block can stand. */
function calledIn(statement: ts.Node): ts.CallExpression | undefined {
  const declarations = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [];
  const value = ts.isExpressionStatement(statement)
    ? statement.expression
    : declarations.length === 1
      ? declarations[0]?.initializer
      : undefined;
  if (value === undefined || !ts.isYieldExpression(value) || value.asteriskToken === undefined) return undefined;
  return value.expression !== undefined && ts.isCallExpression(value.expression) ? value.expression : undefined;
}

/** The kind of an action that is written out where it is yielded, as source text. */
function kindOf(action: ts.Expression, source: ts.SourceFile): string | undefined {
  if (!ts.isObjectLiteralExpression(action)) return undefined;
  for (const property of action.properties)
    if (ts.isPropertyAssignment(property) && property.name.getText(source) === 'do')
      return property.initializer.getText(source);
  return undefined;
}

/** Names that a function declares, its parameters included. */
function declaredIn(node: ts.Node): Set<string> {
  const names = new Set<string>();
  const bind = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.add(name.text);
    else for (const element of name.elements) if (!ts.isOmittedExpression(element)) bind(element.name);
  };
  const visit = (child: ts.Node): void => {
    if (ts.isVariableDeclaration(child) || ts.isParameter(child)) bind(child.name);
    else if (ts.isFunctionDeclaration(child) && child !== node && child.name !== undefined) names.add(child.name.text);
    ts.forEachChild(child, visit);
  };
  visit(node);
  return names;
}

/** Names of variables that are used in a node. */
function namesIn(node: ts.Node): Set<string> {
  const names = new Set<string>();
  const visit = (child: ts.Node): void => {
    if (ts.isIdentifier(child) && !namesField(child)) names.add(child.text);
    ts.forEachChild(child, visit);
  };
  visit(node);
  return names;
}

/** `x` of `a.x`, of `{ x: 1 }`, and of `{ x: y } = a`. */
function namesField(name: ts.Identifier): boolean {
  const { parent } = name;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === name) ||
    (ts.isPropertyAssignment(parent) && parent.name === name) ||
    (ts.isBindingElement(parent) && parent.propertyName === name)
  );
}

/** Applies it to the host models as they are bundled. */
export const hostCalls: Plugin = {
  name: 'host-calls',
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/]device[\\/]hosts[\\/][^\\/]+\.ts$/ }, async ({ path }) => ({
      contents: withCallsInPlace(await readFile(path, 'utf8'), path),
      loader: 'ts',
    }));
  },
};
