// Messages with typed arrays as text, for pages that tests drive: the browser's driver takes no arrays of bytes, and large objects slowly.

const isTyped = (value: unknown): value is { readonly constructor: { readonly name: string } } & Iterable<number> =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

/** What `FROM_TEXT` reads. */
export const toText = (message: object): string =>
  JSON.stringify(message, (_, value: unknown) =>
    isTyped(value) ? { typedArray: value.constructor.name, of: [...value] } : value,
  );

/** Source of a function of the page: text to what it was made of. */
export const FROM_TEXT = `(text) => JSON.parse(text, (_, value) =>
  value !== null && typeof value === 'object' && 'typedArray' in value ? new globalThis[value.typedArray](value.of) : value)`;
