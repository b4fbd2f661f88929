// What the pointer is on in the drawn ring: the decoded value, its state, its bytes and the section of the spec.
import { html, nothing, type TemplateResult } from 'lit';
import type { PanelQueue } from '../../src/panel/protocol';
import { STATES } from '../format';
import { slotWords } from '../slots';
import { stateMark } from './marks';
import { vars } from './vars';
import type { View } from './view';

/** px: about as much as a tip takes */
const WIDTH = 290;
const HEIGHT = 84;
const AWAY = 14;

export function tip(
  { ui }: View,
  queue: PanelQueue,
  size: { readonly width: number; readonly height: number },
): TemplateResult | typeof nothing {
  if (!ui.pointed || ui.menu) return nothing;
  const { x, y } = ui.pointed;
  const words = slotWords(queue, ui.pointed);
  const left = Math.max(0, x + AWAY + WIDTH > size.width ? x - AWAY - WIDTH : x + AWAY);
  const top = Math.max(0, y + AWAY + HEIGHT > size.height ? y - AWAY - HEIGHT : y + AWAY);
  // the slot's own option says the same to a screen reader
  return html`<div class="tip" aria-hidden="true" ${vars({ '--x': `${left}px`, '--y': `${top}px` })}>
    <p><b class="mono">${words.name}</b> = <span class="mono">${words.value}</span></p>
    <p>${stateMark(words.state)} ${STATES[words.state].words}</p>
    <p class="mono dim">${words.bytes}</p>
    <p class="dim">${words.section}</p>
  </div>`;
}
