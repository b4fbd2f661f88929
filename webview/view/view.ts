// What every part of the page is drawn from: the state, the reader's choices, and the two ways to act.
import type { FromPanel, PanelState } from '../../src/panel/protocol';
import type { Action, MenuItem, Ui } from '../state';

export interface View {
  readonly panel: PanelState;
  readonly ui: Ui;
  /** the reader's choices as of now: keys arrive faster than frames, and what is drawn may be a key behind */
  readonly latest: () => Ui;
  /** changes what the page shows */
  readonly act: (action: Action) => void;
  /** asks the extension */
  readonly send: (message: FromPanel) => void;
}

/** Marks what the clause under the pointer was derived from. */
export const derivedClass = ({ ui }: View, name: string): string => (ui.derived?.includes(name) ? 'derived' : '');

/** Opens the menu at the pointer, or below the element when the keyboard asked. */
export function openMenu(view: View, event: Event, title: string, items: readonly MenuItem[]): void {
  event.preventDefault();
  event.stopPropagation();
  if (items.length === 0) return;
  const box = (event.currentTarget as Element).getBoundingClientRect();
  const pointed = event instanceof MouseEvent && (event.clientX !== 0 || event.clientY !== 0);
  const [x, y] = pointed ? [event.clientX, event.clientY] : [box.left, box.bottom];
  view.act({ do: 'menu', menu: { x, y, title, items } });
}
