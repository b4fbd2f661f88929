// The small marks: who owns it (letter and fill), who wrote it (shape), sent or suppressed (filled or hollow).
import { html, svg, type TemplateResult } from 'lit';
import type { SlotState, SourceLink } from '../../src/panel/protocol';
import type { Author } from '../../src/virtqueue';
import { AUTHOR_CLASS, STATES } from '../format';
import type { View } from './view';

/** The state of a descriptor or slot: a letter on its fill. Hatched: offered; solid: in hand. */
export const stateMark = (state: SlotState): TemplateResult =>
  html`<span class="own own-${state}" title=${STATES[state].words} role="img" aria-label=${STATES[state].words}
    >${STATES[state].letter}</span
  >`;

const SHAPES: Readonly<Record<Author, string>> = {
  driver: 'M5 1 9.5 9H.5z',
  device: 'M5 .5 9.5 5 5 9.5.5 5z',
  debugger: 'M1.5 1.5h7v7h-7z',
  machine: 'M5 1a4 4 0 1 1 0 8 4 4 0 0 1 0-8z',
};

/** Who wrote it: triangle for the driver, diamond for the device, square for the debugger, disc for the machine. */
export const authorMark = (author: Author): TemplateResult =>
  html`<svg class="mark ${AUTHOR_CLASS[author]}" viewBox="0 0 10 10" role="img" aria-label=${author}>
    <title>${author}</title>
    <path d=${SHAPES[author]} />
  </svg>`;

/** A notification: filled when it happened, hollow when it was suppressed. */
export const noticeMark = (author: 'driver' | 'device', sent: boolean): TemplateResult =>
  html`<svg class="mark ${AUTHOR_CLASS[author]} ${sent ? '' : 'hollow'}" viewBox="0 0 10 10" aria-hidden="true">
    <path d=${author === 'driver' ? 'M1 1.5h8L5 9z' : SHAPES.device} />
  </svg>`;

/** An arrow that passes, or one that ends at a bar. */
export const gate = (author: 'driver' | 'device', sent: boolean): TemplateResult =>
  html`<svg class="gate ${AUTHOR_CLASS[author]}" viewBox="0 0 46 12" aria-hidden="true">
    <path class="fill" d=${author === 'driver' ? 'M6 1.5 10.5 10h-9z' : 'M6 1 11 6 6 11 1 6z'} />
    ${
      sent
        ? svg`<path d="M14 6h24" /><path class="fill" d="M36 2.5 44 6 36 9.5z" />`
        : svg`<path d="M14 6h14" /><path class="bar" d="M30 1v10" /><path class="dots" d="M34 6h11" />`
    }
  </svg>`;

/** A link to a line of source. */
/** @param tab 0 where it is a control of its own; within a row of a table Enter does what it does */
export const sourceLink = (view: View, source: SourceLink | undefined, tab: 0 | -1 = -1): TemplateResult =>
  source
    ? html`<a
        class="src"
        href="#"
        tabindex=${tab}
        title="Open ${source.path}:${source.line}"
        @click=${(event: Event) => {
          event.preventDefault();
          event.stopPropagation();
          view.send({ type: 'openSource', path: source.path, line: source.line });
        }}
        ><bdi dir="ltr">${source.label}</bdi></a
      >`
    : html``;
