// Shapes: what JSON may be, said once as data. The loader checks by them, and the editor's JSON schema is made of them.
import { isDeepStrictEqual } from 'node:util';
import { getNodeValue, type Node } from 'jsonc-parser';
import type { FieldPath, Problems } from './problems';

export type Shape =
  | TextShape
  /** a whole number, bounds included */
  | { readonly kind: 'integer'; readonly min: number; readonly max: number; readonly unit?: string }
  /** any number */
  | { readonly kind: 'number'; readonly unit?: string }
  | { readonly kind: 'flag' }
  /** one of these values */
  | { readonly kind: 'choice'; readonly values: readonly (string | number)[]; readonly titles?: readonly string[] }
  /** any number, or a text */
  | { readonly kind: 'scalar' }
  /** a whole number, true or false, or a text: what a module parameter takes */
  | { readonly kind: 'parameter' }
  /** any JSON value: another format says what it may be */
  | { readonly kind: 'json' }
  | { readonly kind: 'list'; readonly of: Shape; readonly min: number; readonly max: number }
  /** names of the writer's own */
  | { readonly kind: 'map'; readonly of: Shape; readonly key: RegExp; readonly keys: string; readonly max: number }
  | RecordShape
  /** a record whose field `tag` says which one */
  | { readonly kind: 'tagged'; readonly tag: string; readonly cases: Readonly<Record<string, RecordShape>> }
  /** a record known by its first field; null where that means something */
  | { readonly kind: 'either'; readonly cases: readonly RecordShape[]; readonly orNull?: string };

export interface TextShape {
  readonly kind: 'text';
  /** what is expected, in words */
  readonly expected: string;
  readonly pattern?: RegExp;
  /** characters */
  readonly max: number;
  /** texts that editors offer; others are allowed, and checked later */
  readonly known?: readonly string[];
}

export interface RecordShape {
  readonly kind: 'record';
  readonly fields: Readonly<Record<string, Field>>;
}

export interface Field {
  readonly shape: Shape;
  /** for the editor: what it means, units */
  readonly description: string;
  readonly absent: 'required' | 'omitted' | { readonly value: unknown };
}

/** A record's value when nothing of it is given. Every field must have a default, or be one that is left out. */
export function defaultsOf(shape: RecordShape): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(shape.fields).flatMap(([name, { absent }]) =>
      typeof absent === 'object' ? [[name, absent.value]] : [],
    ),
  );
}

/** A value of a shape without what is left to its defaults: what a person would have written. */
export function withoutDefaults(shape: Shape, value: unknown): unknown {
  if (shape.kind === 'list') return (value as readonly unknown[]).map((item) => withoutDefaults(shape.of, item));
  const record = recordOf(shape, value);
  if (record === undefined) return value;
  const given = Object.entries(value as object).filter(([, item]) => item !== undefined);
  return Object.fromEntries(
    given.flatMap(([name, item]) => {
      const field = record.fields[name];
      if (field === undefined) return [[name, item]];
      const { absent } = field;
      if (typeof absent === 'object' && isDeepStrictEqual(absent.value, item)) return [];
      return [[name, withoutDefaults(field.shape, item)]];
    }),
  );
}

/** The record that a value of this shape is; undefined when it is none. */
function recordOf(shape: Shape, value: unknown): RecordShape | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (shape.kind === 'record') return shape;
  if (shape.kind === 'tagged') return shape.cases[String((value as Readonly<Record<string, unknown>>)[shape.tag])];
  return shape.kind === 'either' ? shape.cases.find((c) => firstField(c) in value) : undefined;
}

/**
 * Checks a JSON value, and fills in what is left out.
 * @returns the value; meaningful only when no problem was found
 */
export function read(shape: Shape, node: Node, path: FieldPath, problems: Problems): unknown {
  const wrong = (): undefined => {
    problems.at(node.offset, path, `found ${shown(node)}, expected ${expected(shape)}`);
    return undefined;
  };
  switch (shape.kind) {
    case 'text':
    case 'integer':
    case 'number':
    case 'flag':
    case 'choice':
    case 'scalar':
    case 'parameter':
      return isScalar(shape, node) ? (node.value as unknown) : wrong();
    case 'json':
      return getNodeValue(node) as unknown;
    case 'list':
      if (node.type !== 'array') return wrong();
      if (tooMany(node, shape, path, problems)) return undefined;
      return (node.children ?? []).map((child, i) => read(shape.of, child, [...path, i], problems));
    case 'map':
      if (node.type !== 'object') return wrong();
      return readMap(shape, node, path, problems);
    case 'record':
      if (node.type !== 'object') return wrong();
      return readRecord(shape, node, path, problems);
    case 'tagged': {
      if (node.type !== 'object') return wrong();
      const chosen = caseOf(shape, node, path, problems);
      return chosen && readRecord(chosen, node, path, problems);
    }
    case 'either': {
      if (node.type === 'null' && shape.orNull !== undefined) return null;
      const chosen = node.type === 'object' ? shape.cases.find((c) => valueOf(node, firstField(c))) : undefined;
      return chosen ? readRecord(chosen, node, path, problems) : wrong();
    }
  }
}

function isScalar(shape: Shape, node: Node): boolean {
  const value = node.value as unknown;
  switch (shape.kind) {
    case 'text':
      return typeof value === 'string' && value.length <= shape.max && (shape.pattern?.test(value) ?? value !== '');
    case 'integer':
      return Number.isSafeInteger(value) && Number(value) >= shape.min && Number(value) <= shape.max;
    case 'number':
      return Number.isFinite(value);
    case 'flag':
      return typeof value === 'boolean';
    case 'choice':
      return shape.values.includes(value as string | number);
    case 'parameter':
      return typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value);
    default:
      return typeof value === 'string' || Number.isFinite(value);
  }
}

function readRecord(shape: RecordShape, node: Node, path: FieldPath, problems: Problems): Record<string, unknown> {
  const given = properties(node, path, problems);
  const known = Object.keys(shape.fields);
  for (const [name, { key }] of given) {
    if (known.includes(name)) continue;
    problems.at(key.offset, [...path, name], `unknown field; expected one of ${known.join(', ')}`);
  }
  const record: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(shape.fields)) {
    const value = given.get(name)?.value;
    if (value !== undefined) record[name] = read(field.shape, value, [...path, name], problems);
    else if (typeof field.absent === 'object') record[name] = field.absent.value;
    else if (field.absent === 'required')
      problems.at(node.offset, [...path, name], `missing: add it; expected ${expected(field.shape)}`);
  }
  return record;
}

function readMap(
  shape: Extract<Shape, { kind: 'map' }>,
  node: Node,
  path: FieldPath,
  problems: Problems,
): Record<string, unknown> | undefined {
  if (tooMany(node, { min: 0, max: shape.max }, path, problems)) return undefined;
  const entries: [string, unknown][] = [];
  for (const [name, { key, value }] of properties(node, path, problems)) {
    if (!shape.key.test(name)) problems.at(key.offset, [...path, name], `expected ${shape.keys}`);
    else entries.push([name, read(shape.of, value, [...path, name], problems)]);
  }
  return Object.fromEntries(entries);
}

function tooMany(
  node: Node,
  { min, max }: { readonly min: number; readonly max: number },
  path: FieldPath,
  problems: Problems,
): boolean {
  const count = node.children?.length ?? 0;
  if (count >= min && count <= max) return false;
  problems.at(node.offset, path, `found ${count} entries, expected ${min} to ${max}`);
  return true;
}

function caseOf(
  shape: Extract<Shape, { kind: 'tagged' }>,
  node: Node,
  path: FieldPath,
  problems: Problems,
): RecordShape | undefined {
  const tag = valueOf(node, shape.tag);
  const names = Object.keys(shape.cases);
  const name: unknown = tag?.value;
  if (typeof name === 'string' && names.includes(name)) return shape.cases[name];
  const found = tag === undefined ? 'missing: add it;' : `found ${shown(tag)},`;
  const message = `${found} expected one of ${names.map((n) => JSON.stringify(n)).join(', ')}`;
  problems.at((tag ?? node).offset, [...path, shape.tag], message);
  return undefined;
}

/** The properties of an object by name. One given twice is a problem: which one is meant is anybody's guess. */
function properties(
  node: Node,
  path: FieldPath,
  problems: Problems,
): Map<string, { readonly key: Node; readonly value: Node }> {
  const given = new Map<string, { readonly key: Node; readonly value: Node }>();
  for (const property of node.children ?? []) {
    const [key, value] = property.children ?? [];
    if (key === undefined || value === undefined) continue;
    const name = String(key.value);
    if (given.has(name)) problems.at(key.offset, [...path, name], 'given twice; keep one of them');
    given.set(name, { key, value });
  }
  return given;
}

function valueOf(node: Node, name: string): Node | undefined {
  return node.children?.find((property) => property.children?.[0]?.value === name)?.children?.[1];
}

/** Name of the field that an alternative is known by. */
export function firstField(shape: RecordShape): string {
  return Object.keys(shape.fields)[0] ?? '';
}

function expected(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return shape.expected;
    case 'integer':
      return `a whole number from ${shape.min} to ${shape.max}${shape.unit === undefined ? '' : ` (${shape.unit})`}`;
    case 'number':
      return `a number${shape.unit === undefined ? '' : ` (${shape.unit})`}`;
    case 'flag':
      return 'true or false';
    case 'choice':
      return `${shape.values.length === 1 ? '' : 'one of '}${shape.values.map((v) => JSON.stringify(v)).join(', ')}`;
    case 'scalar':
      return 'a number or a text';
    case 'parameter':
      return 'a whole number, true or false, or a text';
    case 'json':
      return 'a value';
    case 'list':
      return 'a list: [ … ]';
    case 'map':
      return `an object by name (${shape.keys})`;
    case 'record':
      return `an object with ${Object.keys(shape.fields).join(', ')}`;
    case 'tagged':
      return `an object with "${shape.tag}" one of ${Object.keys(shape.cases).join(', ')}`;
    case 'either': {
      const cases = shape.cases.map((c) => `{ "${firstField(c)}": … }`);
      return [...cases, ...(shape.orNull === undefined ? [] : ['null'])].join(' or ');
    }
  }
}

/** A value as messages show it: short. */
function shown(node: Node): string {
  if (node.type === 'object') {
    const names = (node.children ?? []).map((p) => String(p.children?.[0]?.value));
    return names.length === 0 ? 'an empty object' : `an object with ${cut(names.slice(0, 8).join(', '))}`;
  }
  if (node.type === 'array') return `a list of ${node.children?.length ?? 0}`;
  return cut(JSON.stringify(node.value as unknown));
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
