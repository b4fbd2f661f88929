// compile_commands.json: tells clangd and cpptools how the lab compiles a driver, so that they find its headers and stay quiet.

/** One entry (https://clang.llvm.org/docs/JSONCompilationDatabase.html). */
export interface CompileCommand {
  readonly directory: string;
  readonly file: string;
  readonly arguments: readonly string[];
}

/**
 * @param text of the file as it is; undefined when there is none
 * @param commands entries to add; those of the same files are replaced, all others stay as they are
 * @throws Error when the text is no compilation database
 */
export function withCommands(text: string | undefined, commands: readonly CompileCommand[]): string {
  const before = text === undefined || text.trim() === '' ? [] : parseDatabase(text);
  const replaced = new Set(commands.map((c) => c.file));
  const kept = before.filter((entry) => !(isRecord(entry) && replaced.has(String(entry['file']))));
  return `${JSON.stringify([...kept, ...commands], null, 2)}\n`;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function parseDatabase(text: string): unknown[] {
  const wrong = (why: string) => new Error(`compile_commands.json is ${why}. Mend or remove it, then try again.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (e) {
    throw wrong(`not valid JSON (${e instanceof Error ? e.message : String(e)})`);
  }
  if (!Array.isArray(value)) throw wrong('no list');
  return value;
}
