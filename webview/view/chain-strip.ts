// The selected chain from head to tail as boxes: what names it, each descriptor, and an indirect table folded out on demand.
import { html, nothing, type TemplateResult } from 'lit';
import type { PanelQueue } from '../../src/panel/protocol';
import { highlight } from '../chain';
import { descriptorFlags, grouped } from '../format';
import { stateMark } from './marks';
import type { View } from './view';

type Descriptor = PanelQueue['ring']['descriptors'][number];

/** a longer chain is cut in the middle */
const MOST = 24;

export function chainStrip(view: View, queue: PanelQueue): TemplateResult | typeof nothing {
  const { panel, ui } = view;
  const lit = highlight(panel, queue, ui.selected);
  if (lit.head === undefined) return nothing;
  const chain = inOrder(queue, lit.head);
  const left = chain.length - MOST;
  const shown = left > 0 ? chain.slice(0, MOST) : chain;
  return html`<ol class="chain" aria-label=${`Chain of head ${lit.head}`}>
    ${[...lit.availSlots].map((slot) => html`<li class="entry">avail.ring[${slot}]</li>`)}
    ${shown.map((d) => box(view, queue, d))}
    ${left > 0 ? html`<li class="entry">and ${grouped(left)} more</li>` : nothing}
    ${[...lit.usedSlots].map((slot) => html`<li class="entry">used.ring[${slot}]</li>`)}
  </ol>`;
}

/** The descriptors from the head on, each once. */
function inOrder({ ring }: PanelQueue, head: number): readonly Descriptor[] {
  const chain: Descriptor[] = [];
  const seen = new Set<number>();
  let d = ring.descriptors[head];
  while (d && !seen.has(d.index)) {
    seen.add(d.index);
    chain.push(d);
    d = d.flags & 1 ? ring.descriptors[d.next] : undefined;
  }
  return chain;
}

const direction = (flags: number): string => (flags & 2 ? 'device writes' : 'device reads');

/** `(64 B)`, `(1518 B, W)`: W as the flag that the device writes there. */
const size = ({ len, flags }: { readonly len: number; readonly flags: number }): string =>
  `(${len} B${flags & 2 ? ', W' : ''})`;

function box(view: View, queue: PanelQueue, d: Descriptor): TemplateResult {
  const open = view.ui.unfolded[queue.ring.name]?.includes(d.index) ?? false;
  return html`<li
    title=${`desc[${d.index}]: ${d.addr}, ${d.len} bytes, ${descriptorFlags(d.flags)}, ${direction(d.flags)}`}
  >
    ${stateMark(d.owner)} <b class="mono">${d.index}</b>
    ${
      d.indirect
        ? html`<button
            class="fold"
            aria-expanded=${open ? 'true' : 'false'}
            aria-label=${`${open ? 'Fold' : 'Unfold'} the indirect table of descriptor ${d.index}`}
            @click=${() => view.act({ do: 'fold', descriptor: d.index })}
          >
            ${open ? '▾' : '▸'} table of ${d.indirect.length}
          </button>`
        : size(d)
    }
    ${
      open && d.indirect
        ? html`<ol class="table-entries" aria-label=${`Indirect table of descriptor ${d.index}`}>
            ${d.indirect.map(
              (entry) =>
                html`<li
                  title=${`${entry.addr}, ${entry.len} bytes, ${descriptorFlags(entry.flags)}, ${direction(entry.flags)}`}
                >
                  <b class="mono">${d.index}.${entry.index}</b>
                  ${size(entry)}
                </li>`,
            )}
          </ol>`
        : nothing
    }
  </li>`;
}
