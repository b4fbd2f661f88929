// JSON Schema for tests: a validator of the part that the lab's schemas use, and damage to values that they judge.

export type Schema = Readonly<Record<string, unknown>>;

/** The part of JSON Schema draft 7 that the schema uses. */
export function valid(value: unknown, s: Schema): boolean {
  const is = (type: string): boolean =>
    type === 'object'
      ? typeof value === 'object' && value !== null && !Array.isArray(value)
      : type === 'array'
        ? Array.isArray(value)
        : type === 'null'
          ? value === null
          : type === 'integer'
            ? Number.isInteger(value)
            : typeof value === type;
  const all = (list: unknown, check: (each: Schema) => boolean): boolean => (list as Schema[]).every(check);
  if (s['type'] !== undefined && ![s['type'] as string].flat().some(is)) return false;
  if (s['enum'] !== undefined && !(s['enum'] as unknown[]).includes(value)) return false;
  if (s['const'] !== undefined && s['const'] !== value) return false;
  if (s['anyOf'] !== undefined && all(s['anyOf'], (each) => !valid(value, each))) return false;
  if (s['allOf'] !== undefined && !all(s['allOf'], (each) => valid(value, each))) return false;
  if (s['if'] !== undefined && valid(value, s['if'] as Schema) && !valid(value, s['then'] as Schema)) return false;
  if (typeof value === 'number') {
    if (value < Number(s['minimum'] ?? -Infinity) || value > Number(s['maximum'] ?? Infinity)) return false;
  }
  if (typeof value === 'string') {
    if (value.length < Number(s['minLength'] ?? 0) || value.length > Number(s['maxLength'] ?? Infinity)) return false;
    if (s['pattern'] !== undefined && !new RegExp(s['pattern'] as string).test(value)) return false;
  }
  if (Array.isArray(value)) {
    if (value.length < Number(s['minItems'] ?? 0) || value.length > Number(s['maxItems'] ?? Infinity)) return false;
    return s['items'] === undefined || value.every((item) => valid(item, s['items'] as Schema));
  }
  return !is('object') || validObject(value as Record<string, unknown>, s);
}

function validObject(value: Record<string, unknown>, s: Schema): boolean {
  const properties = (s['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  const names = s['propertyNames'] as Schema | undefined;
  if (((s['required'] ?? []) as string[]).some((name) => !Object.hasOwn(value, name))) return false;
  return Object.entries(value).every(([name, field]) => {
    if (names !== undefined && !valid(name, names)) return false;
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (own !== undefined) return valid(field, own);
    const others = s['additionalProperties'];
    return others === undefined || (others !== false && valid(field, others as Schema));
  });
}

const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  1,
  -1,
  1.5,
  2,
  1e16,
  '',
  'x',
  '0x1000',
  'tx',
  '/a',
  [],
  {},
  [1],
  { a: 1 },
];

/** One random change somewhere in a copy: a value replaced, a field removed, renamed or added. */
export function damage(value: unknown, below: (n: number) => number): unknown {
  if (Array.isArray(value)) {
    const i = below(value.length + 1);
    if (i === value.length) return [...(value as unknown[]), VALUES[below(VALUES.length)]];
    return (value as unknown[]).map((item, at) => (at === i ? damage(item, below) : item));
  }
  if (typeof value !== 'object' || value === null || below(6) === 0) return VALUES[below(VALUES.length)];
  const names = Object.keys(value);
  const name = names[below(names.length)];
  if (name === undefined) return { odd: 1 };
  const fields = value as Record<string, unknown>;
  const { [name]: gone, ...rest } = fields;
  switch (below(6)) {
    case 0:
      return rest;
    case 1:
      return { ...rest, [`${name}s`]: gone };
    default:
      return { ...fields, [name]: damage(gone, below) };
  }
}
