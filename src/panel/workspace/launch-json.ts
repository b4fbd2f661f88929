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
  const same = configurations.findIndex((c: unknown) => isNamed(c, configuration.name));
  const index = same < 0 ? configurations.length : same;
  return applyEdits(
    before,
    modify(before, ['configurations', index], configuration, { ...FORMAT, isArrayInsertion: same < 0 }),
  );
}

function isNamed(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && 'name' in value && value.name === name;
}
