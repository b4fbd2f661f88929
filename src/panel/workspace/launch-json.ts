// launch.json with one more configuration: the user's comments, order and formatting stay.
import { applyEdits, modify, type ParseError, parse, printParseErrorCode } from 'jsonc-parser';

const EMPTY = `{
  // https://code.visualstudio.com/docs/editor/debugging#_launch-configurations
  "version": "0.2.0",
  "configurations": []
}
`;

const FORMAT = { formattingOptions: { insertSpaces: true, tabSize: 2, eol: '\n' } };

/** The part of a launch configuration that names it; the rest goes through as it is. */
export interface NamedConfiguration {
  readonly name: string;
  readonly [attribute: string]: unknown;
}

/**
 * @param text of launch.json; undefined when there is none yet
 * @returns the text with the configuration added, or in place of the one with the same name
 * @throws Error when the file is no launch.json that can be added to; the message says where
 */
export function withConfiguration(text: string | undefined, configuration: NamedConfiguration): string {
  const { before, configurations } = read(text);
  const same = configurations.findIndex((c) => attribute(c, 'name') === configuration.name);
  const index = same < 0 ? configurations.length : same;
  return applyEdits(
    before,
    modify(before, ['configurations', index], configuration, { ...FORMAT, isArrayInsertion: same < 0 }),
  );
}

/**
 * @param folder value of `lib`: the user's copies of library files
 * @returns the text with `lib` set in every configuration of ours that has none; undefined when there is none of ours
 * @throws Error as withConfiguration
 */
export function withLibrary(text: string | undefined, folder: string): string | undefined {
  const { before, configurations } = read(text);
  const ours = configurations.flatMap((c, i) => (attribute(c, 'type') === 'virtio' ? [i] : []));
  if (ours.length === 0) return undefined;
  return ours
    .filter((i) => attribute(configurations[i], 'lib') === undefined)
    .reduce((done, i) => applyEdits(done, modify(done, ['configurations', i, 'lib'], folder, FORMAT)), before);
}

function read(text: string | undefined): { readonly before: string; readonly configurations: readonly unknown[] } {
  const before = text === undefined || text.trim() === '' ? EMPTY : text;
  const errors: ParseError[] = [];
  const value: unknown = parse(before, errors, { allowTrailingComma: true });
  const first = errors[0];
  if (first) {
    const line = before.slice(0, first.offset).split('\n').length;
    throw new Error(`launch.json, line ${line}: ${printParseErrorCode(first.error)}. Mend it, then try again.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('launch.json holds no object. Mend it, then try again.');
  const configurations: unknown = 'configurations' in value ? value.configurations : [];
  if (!Array.isArray(configurations))
    throw new Error('launch.json: "configurations" is no list. Mend it, then try again.');
  return { before, configurations };
}

function attribute(configuration: unknown, name: string): unknown {
  return typeof configuration === 'object' && configuration !== null
    ? (configuration as Record<string, unknown>)[name]
    : undefined;
}
