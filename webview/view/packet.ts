// The selected skb's bytes: where they lie, every header field by field, and the bytes themselves with the field in view marked.
import { html, nothing, type TemplateResult } from 'lit';
import type { PacketField, SkbBytes } from '../../src/panel/protocol';
import { grouped, plural } from '../format';
import type { View } from './view';

/** bytes a line of hex */
const LINE = 16;

export function packet(view: View, bytes: SkbBytes | undefined): TemplateResult | typeof nothing {
  if (!bytes) return nothing;
  const { skb, parts, note, length, fields } = bytes;
  return html`<section class="packet" aria-label="Bytes of the selected skb">
    <h2>
      skb ${skb}
      <span
        >${parts.map((part) => html`<span title=${part.address}>${part.name} (${grouped(part.length)} B) </span>`)}</span
      >
      <button class="link end" @click=${() => view.act({ do: 'select', selection: undefined })}>Close</button>
    </h2>
    ${note === undefined ? nothing : html`<p class="dim">${length > 0 ? 'Shown: ' : ''}${note}</p>`}
    ${length > 0 ? html`<div class="bytes">${fieldList(view, fields)} ${hexLines(view, bytes)}</div>` : nothing}
  </section>`;
}

/** Headers with their fields; pointing at one, or going to it by keyboard, marks its bytes. */
function fieldList(view: View, fields: readonly PacketField[]): TemplateResult {
  const { act, ui } = view;
  const layers = [...new Set(fields.map(({ layer }) => layer))];
  const row = (field: PacketField): TemplateResult => {
    const at = fields.indexOf(field);
    const show = (): void => act({ do: 'packetField', field: at });
    const hide = (): void => act({ do: 'packetField', field: undefined });
    return html`<button
      class="packet-field ${ui.packetField === at ? 'lit' : ''}"
      title=${`${plural(field.length, 'byte')} at ${field.offset}`}
      @mouseenter=${show}
      @mouseleave=${hide}
      @focus=${show}
      @blur=${hide}
    >
      <span class="dim">${field.name}</span><span class="mono">${field.value}</span>
    </button>`;
  };
  return html`<div class="layers">
    ${layers.map(
      (layer) =>
        html`<div role="group" aria-label=${layer}>
          <h3>${layer}</h3>
          ${fields.filter((field) => field.layer === layer).map(row)}
        </div>`,
    )}
  </div>`;
}

/** Lines of 16 bytes with offset and text; the field in view is marked, and pointing at a byte brings its field into view. */
function hexLines(view: View, { hex, fields }: SkbBytes): TemplateResult {
  const { act, ui } = view;
  const lit = ui.packetField === undefined ? undefined : fields[ui.packetField];
  const size = hex.length / 2;
  const point = (event: MouseEvent): void => {
    const at = byteUnder(event);
    const field = fields.findIndex((f) => at >= f.offset && at < f.offset + f.length);
    act({ do: 'packetField', field: field < 0 ? undefined : field });
  };
  const line = (from: number): TemplateResult => {
    const to = Math.min(from + LINE, size);
    // three stretches a line, and not an element a byte: pointing at one draws all lines again
    const start = Math.min(to, Math.max(from, lit?.offset ?? to));
    const end = Math.max(start, Math.min(to, lit ? lit.offset + lit.length : to));
    const bytes = (a: number, b: number): string => (hex.slice(2 * a, 2 * b).match(/../g) ?? []).join(' ');
    const text = (a: number, b: number): string =>
      Array.from({ length: b - a }, (_, i) =>
        printable(Number.parseInt(hex.slice(2 * (a + i), 2 * (a + i) + 2), 16)),
      ).join('');
    const marked = (show: (a: number, b: number) => string, space: string): TemplateResult =>
      html`${show(from, start)}${start > from && end > start ? space : ''}<mark>${show(start, end)}</mark>${
        to > end && end > from ? space : ''
      }${show(end, to)}`;
    return html`<div class="hex-line">
      <span class="dim">${from.toString(16).padStart(4, '0')}</span>
      <span data-from=${from} data-count=${to - from}>${marked(bytes, ' ')}</span>
      <span data-from=${from} data-count=${to - from}>${marked(text, '')}</span>
    </div>`;
  };
  return html`<div
    class="hex-view mono"
    role="region"
    tabindex="0"
    aria-label=${`${plural(size, 'byte')} in hex`}
    @mousemove=${point}
    @mouseleave=${() => act({ do: 'packetField', field: undefined })}
  >
    ${Array.from({ length: Math.ceil(size / LINE) }, (_, i) => line(i * LINE))}
  </div>`;
}

/** The byte under the pointer, from its place in the line: all characters have one width. -1: none. */
function byteUnder(event: MouseEvent): number {
  const run = (event.target as Element).closest<HTMLElement>('[data-from]');
  if (!run) return -1;
  const { from, count } = run.dataset;
  const box = run.getBoundingClientRect();
  const at = Math.floor(((event.clientX - box.left) / box.width) * Number(count));
  return Number(from) + Math.max(0, Math.min(Number(count) - 1, at));
}

const printable = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·');
