// The keys of the selected field: [ goes back to its last change, ] runs on to its next one. Pure.
import type { FromPanel } from '../src/panel/protocol';
import type { MenuItem } from './state';

/** @param items what can be done with what is selected: the first field that can be watched is meant */
export function changeKey(key: string, items: readonly MenuItem[]): FromPanel | undefined {
  const type = key === '[' ? 'lastWriter' : key === ']' ? 'nextWriter' : undefined;
  if (type === undefined) return undefined;
  for (const { message } of items)
    if (message.type === 'breakOnWrite') {
      const { address, size, label } = message;
      return { type, address, size, label };
    }
  return undefined;
}
