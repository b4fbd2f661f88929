// A value with its name: who writes it, whether it has just changed, and what can be done with it.
import { html, nothing, type TemplateResult } from 'lit';
import type { FieldPlace } from '../../src/panel/protocol';
import type { Author } from '../../src/virtqueue';
import { changeKey } from '../change-keys';
import { fieldActions } from '../field-actions';
import { AUTHOR_CLASS } from '../format';
import { authorMark } from './marks';
import { derivedClass, openMenu, type View } from './view';

/** A value with a name that can be watched: a button when it has a place in memory. */
export function field(
  view: View,
  spec: {
    readonly label: string;
    /** its name where the label alone would not say which field it is: `used.idx` under the heading `used` */
    readonly name?: string;
    readonly value: string | number | undefined;
    readonly place?: FieldPlace;
    readonly author?: Author;
    readonly changed?: Author;
    /** not in the ring: one side's own variable */
    readonly private?: boolean;
    readonly title?: string;
  },
): TemplateResult {
  const { label, value, place, author, changed } = spec;
  const name = spec.name ?? label;
  const items = fieldActions(name, place);
  const inner = html`${author ? authorMark(author) : nothing}<span class="name">${label}</span
    ><b class="mono ${changed ? `chg ${AUTHOR_CLASS[changed]}` : ''}">${value ?? 'unknown'}</b>`;
  const classes = `field ${spec.private ? 'private' : ''} ${derivedClass(view, name)}`;
  const words = [spec.title, changed && `changed by the ${changed} since the previous stop`].filter(Boolean).join('\n');
  if (value === undefined || items.length === 0) {
    return html`<span class=${classes} title=${words || nothing}>${inner}</span>`;
  }
  const open = (event: Event): void => openMenu(view, event, name, items);
  const keydown = ({ key }: KeyboardEvent): void => {
    const message = changeKey(key, items);
    if (message) view.send(message);
  };
  return html`<button
    class=${classes}
    title=${words || nothing}
    aria-haspopup="menu"
    @keydown=${keydown}
    @click=${open}
    @contextmenu=${open}
  >
    ${inner}
  </button>`;
}
