// The menu of a field or a change: break on write, who wrote it, go there.
import { html, nothing, type TemplateResult } from 'lit';
import type { Menu } from '../state';
import { vars } from './vars';
import type { View } from './view';

/** px kept free at the right and the bottom of the page */
const WIDTH = 250;
const ITEM = 24;

export function menu(view: View, open: Menu | undefined, size: { readonly width: number; readonly height: number }) {
  if (!open) return nothing;
  const close = (): void => view.act({ do: 'menu', menu: undefined });
  const keydown = (event: KeyboardEvent): void => {
    const items = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>('[role=menuitem]')];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) items[to % items.length]?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') close();
    else return;
    event.preventDefault();
  };
  const item = (entry: Menu['items'][number]): TemplateResult =>
    html`<button
      role="menuitem"
      tabindex="-1"
      @click=${() => {
        close();
        view.send(entry.message);
      }}
    >
      ${entry.label}
    </button>`;
  const x = Math.max(0, Math.min(open.x, size.width - WIDTH));
  const y = Math.max(0, Math.min(open.y, size.height - ITEM * open.items.length - 8));
  return html`<div class="shade" @click=${close} @contextmenu=${close}></div>
    <div
      class="menu"
      role="menu"
      aria-label=${open.title}
      ${vars({ '--x': `${x}px`, '--y': `${y}px` })}
      @keydown=${keydown}
    >
      ${open.items.map(item)}
    </div>`;
}
