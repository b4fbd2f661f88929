// Lists that were made of bytes on the page: each of their values is of its type, whatever the bytes were, and no guard looks at them.

const made = new WeakSet();

export function keep<T extends object>(list: T): T {
  made.add(list);
  return list;
}

/** Whether the list was made of bytes that hold nothing but what the list may: it needs no other guard. */
export const madeOfBytes = (list: unknown): boolean => typeof list === 'object' && list !== null && made.has(list);
