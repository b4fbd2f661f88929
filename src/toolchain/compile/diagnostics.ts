// What the compiler and the linker say about the source, as data.

export interface Diagnostic {
  /** as the compiler was given it: a virtual path; toolchain.ts turns it into a real one */
  readonly file: string;
  /** 1-based; 0 for none */
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning' | 'note';
  readonly message: string;
  readonly code?: string;
}

/** A function that the driver calls and nothing defines. */
export interface MissingSymbol {
  readonly name: string;
  /** first place that uses it, where it is known */
  readonly file?: string;
  readonly line?: number;
}

/** A driver that does not compile or link. `message` is short and complete; `diagnostics` are for the Problems view. */
export class CompileError extends Error {
  override readonly name = 'CompileError';

  constructor(
    readonly diagnostics: readonly Diagnostic[],
    readonly missing: readonly MissingSymbol[] = [],
  ) {
    super(describe(diagnostics, missing));
  }
}

function describe(diagnostics: readonly Diagnostic[], missing: readonly MissingSymbol[]): string {
  const lines: string[] = [];
  if (missing.length > 0) {
    const names = missing.map(({ name, file, line }) =>
      file === undefined ? name : `${name} (used in ${baseName(file)}:${line ?? 0})`,
    );
    lines.push(`the kernel API lacks: ${names.join(', ')}`);
  }
  const errors = diagnostics.filter(
    (d) => d.severity === 'error' && !missing.some((m) => d.message.includes(`'${m.name}'`)),
  );
  for (const d of errors.slice(0, 5)) lines.push(`${place(d)}${d.message}`);
  if (errors.length > 5) lines.push(`… and ${errors.length - 5} more errors`);
  return lines.join('\n');
}

function place({ file, line, column }: Diagnostic): string {
  if (file === '') return '';
  return line > 0 ? `${file}:${line}:${column}: ` : `${file}: `;
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

interface SarifLocation {
  readonly physicalLocation?: {
    readonly artifactLocation?: { readonly uri?: string };
    readonly region?: { readonly startLine?: number; readonly startColumn?: number };
  };
}

interface SarifResult {
  readonly level?: string;
  readonly ruleId?: string;
  readonly message?: { readonly text?: string };
  readonly locations?: readonly SarifLocation[];
}

/**
 * Diagnostics from clang's output with -fdiagnostics-format=sarif. Text that is not SARIF (an error of the driver's
 * options, a crash) becomes one error without a place.
 */
export function parseDiagnostics(text: string): Diagnostic[] {
  const start = text.indexOf('{"$schema"');
  if (start < 0) return plainErrors(text);
  const end = text.lastIndexOf('}');
  let log: { readonly runs?: readonly { readonly results?: readonly SarifResult[] }[] };
  try {
    log = JSON.parse(text.slice(start, end + 1)) as typeof log;
  } catch {
    return plainErrors(text);
  }
  return (log.runs ?? []).flatMap((run) => (run.results ?? []).map(fromSarif));
}

function fromSarif(result: SarifResult): Diagnostic {
  const where = result.locations?.[0]?.physicalLocation;
  return {
    file: decodeURI((where?.artifactLocation?.uri ?? '').replace(/^file:\/\//, '')),
    line: where?.region?.startLine ?? 0,
    column: where?.region?.startColumn ?? 0,
    severity: result.level === 'error' ? 'error' : result.level === 'warning' ? 'warning' : 'note',
    message: result.message?.text ?? '',
    code: result.ruleId,
  };
}

function plainErrors(text: string): Diagnostic[] {
  return text
    .split('\n')
    .map((line) => /^(?:clang|clang-\d+|wasm-ld): (?:fatal )?error: (.*)$/.exec(line.trim())?.[1])
    .filter((message) => message !== undefined)
    .map((message) => ({ file: '', line: 0, column: 0, severity: 'error', message }));
}

/** Name of the function when this says that it was called without a declaration. */
export function undeclaredFunction({ message }: Diagnostic): string | undefined {
  return /^call to undeclared (?:library )?function '(\w+)'/.exec(message)?.[1];
}

/** Name of the header when this says that it does not exist. */
export function missingHeader({ message }: Diagnostic): string | undefined {
  return /^'([^']+)' file not found/.exec(message)?.[1];
}

export interface LinkProblem {
  readonly object: string;
  readonly kind: 'undefined' | 'duplicate' | 'other';
  readonly symbol: string;
  readonly message: string;
}

/** What wasm-ld complained about, in its order. A definition that is there twice names both objects in `message`. */
export function parseLinkErrors(text: string): LinkProblem[] {
  const problems: LinkProblem[] = [];
  const lines = text.split('\n');
  lines.forEach((line, i) => {
    const message = /^wasm-ld: error: (.*)$/.exec(line.trim())?.[1];
    if (message === undefined) return;
    const undefinedSymbol = /^(.*?): undefined symbol: (.+)$/.exec(message);
    const duplicate = /^duplicate symbol: (.+)$/.exec(message);
    if (undefinedSymbol) {
      problems.push({ object: undefinedSymbol[1]!, kind: 'undefined', symbol: undefinedSymbol[2]!, message });
    } else if (duplicate) {
      const inFiles = lines.slice(i + 1, i + 3).map((l) => /^>>> defined in (.*)$/.exec(l.trim())?.[1]);
      const objects = inFiles.filter((object) => object !== undefined);
      problems.push({
        object: objects[0] ?? '',
        kind: 'duplicate',
        symbol: duplicate[1]!,
        message: objects.join('\n'),
      });
    } else {
      problems.push({ object: '', kind: 'other', symbol: '', message });
    }
  });
  return problems;
}
