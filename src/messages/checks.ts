// Guards made of guards: what a message must hold, and the sentence that says which field does not.

/** A message that is what it claims to be, or a sentence that names the field, what was found and what was expected. */
export type Checked<T> = { readonly ok: true; readonly message: T } | { readonly ok: false; readonly error: string };

/** Returns undefined when the value is right, else `<path>: expected …, found …`. The path is built only on failure. */
export type Check = (value: unknown) => string | undefined;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function found(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return JSON.stringify(value).slice(0, 60);
  }
  return value === null ? 'null' : `a value of type ${typeof value}`;
}

export const expected = (what: string, value: unknown): string => `: expected ${what}, found ${found(value)}`;

export const text: Check = (v) => (typeof v === 'string' ? undefined : expected('text', v));
export const flag: Check = (v) => (typeof v === 'boolean' ? undefined : expected('true or false', v));
export const count: Check = (v) =>
  typeof v === 'number' && Number.isSafeInteger(v) && v >= 0 ? undefined : expected('a whole number from 0', v);
export const number: Check = (v) => (typeof v === 'number' && Number.isFinite(v) ? undefined : expected('a number', v));
export const anything: Check = () => undefined;
export const hex: Check = (v) =>
  typeof v === 'string' && /^0x[0-9a-f]+$/i.test(v) ? undefined : expected('a hex number such as 0x1000', v);

export const within =
  (low: number, high: number): Check =>
  (v) =>
    count(v) ?? ((v as number) >= low && (v as number) <= high ? undefined : expected(`${low} to ${high}`, v));

export const oneOf = (...values: readonly string[]): Check => {
  const set = new Set<unknown>(values);
  return (v) => (set.has(v) ? undefined : expected(values.join(' or '), v));
};

export const optional =
  (check: Check): Check =>
  (v) =>
    v === undefined ? undefined : check(v);

export const list =
  (check: Check): Check =>
  (v) => {
    if (!Array.isArray(v)) return expected('a list', v);
    for (let i = 0; i < v.length; i++) {
      const error = check(v[i]);
      if (error !== undefined) return `[${i}]${error}`;
    }
    return undefined;
  };

/**
 * A list of many entries.
 * @param plain whether an entry is right, at a glance: it may doubt a right one, and never vouches for a wrong one
 * @param check asked about the entries that `plain` doubts
 */
export const longList =
  <T>(plain: (entry: T) => boolean, check: Check): Check =>
  (v) => {
    if (!Array.isArray(v)) return expected('a list', v);
    for (let i = 0; i < v.length; i++) {
      const entry: unknown = v[i];
      if (entry !== null && entry !== undefined && plain(entry as T)) continue;
      const error = check(entry);
      if (error !== undefined) return `[${i}]${error}`;
    }
    return undefined;
  };

export const object = (fields: Readonly<Record<string, Check>>): Check => {
  const entries = Object.entries(fields);
  return (v) => {
    if (!isRecord(v)) return expected('an object', v);
    for (const [name, check] of entries) {
      const error = check(v[name]);
      if (error !== undefined) return `.${name}${error}`;
    }
    return undefined;
  };
};

export const allOf =
  (check: Check): Check =>
  (v) => {
    if (!isRecord(v)) return expected('an object', v);
    for (const name of Object.keys(v)) {
      const error = check(v[name]);
      if (error !== undefined) return `.${name}${error}`;
    }
    return undefined;
  };

/**
 * Checks a message by the guard of its type.
 * @param kinds guards by type
 */
export function check<T>(kinds: Readonly<Record<string, Check>>, value: unknown): Checked<T> {
  if (!isRecord(value)) return { ok: false, error: `message${expected('an object', value)}` };
  const type = value['type'];
  const guard = typeof type === 'string' && Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (!guard) return { ok: false, error: `message.type${expected(Object.keys(kinds).join(' or '), type)}` };
  const error = guard(value);
  return error === undefined ? { ok: true, message: value as T } : { ok: false, error: `${String(type)}${error}` };
}
