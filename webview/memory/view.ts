// The ring's memory: its bytes as they lie there, field by field, with what has just changed.
import { html, nothing, type TemplateResult } from 'lit';
import type { PanelQueue } from '../../src/panel/protocol';
import { isUnchanged } from '../changed';
import { fieldActions } from '../field-actions';
import { AUTHOR_CLASS } from '../format';
import { grid, type GridRow } from '../view/grid';
import type { View } from '../view/view';
import { openMenu } from '../view/view';
import { type ByteField, fieldAtByte, type Part, PARTS, partSize } from './fields';
import { type Memory, partPointer, ROW_BYTES } from './state';

type Change = View['panel']['changes'][number];

const COLUMNS = [{ label: 'address' }, { label: 'bytes' }, { label: 'field', title: 'the first one of the row' }];
const SECTIONS: Readonly<Record<Part, string>> = { desc: '2.7.5', avail: '2.7.6', used: '2.7.8' };

export function memorySection(view: View, memory: Memory, queue: PanelQueue): TemplateResult | typeof nothing {
  const { name, layout } = queue.ring;
  const { part, open } = memory;
  const pointer = partPointer(view.panel, queue, part);
  if (pointer === undefined) return nothing;
  const { act, send } = view;
  const toggle = html`<button
    aria-expanded=${open ? 'true' : 'false'}
    @click=${() => act({ do: 'memory', action: { do: 'open', open: !open } })}
  >
    ${open ? '▾' : '▸'} Memory
  </button>`;
  if (!open)
    return html`<section class="memory" aria-label="Memory">
      <h2>${toggle} <span>the ring’s bytes, field by field</span></h2>
    </section>`;
  const size = partSize(part, layout);
  const changed = changesOf(view.panel.changes, pointer, size);
  const base = BigInt(layout[part]);
  const row = (at: number): GridRow => {
    const first = at * ROW_BYTES;
    const fields = fieldsOf(part, first, Math.min(size, first + ROW_BYTES), layout);
    return {
      cells: [
        `0x${(base + BigInt(first)).toString(16)}`,
        html`<span class="bytes">${fields.map((field) => fieldBytes(memory, field, pointer, first, changed))}</span>`,
        fields[0]?.name.replace(/^desc(.*)\..*$/, 'desc$1') ?? '',
      ],
    };
  };
  const menu = (at: number, event: Event): void => {
    const fields = fieldsOf(part, at * ROW_BYTES, Math.min(size, (at + 1) * ROW_BYTES), layout);
    openMenu(
      view,
      event,
      'Memory',
      fields.flatMap((f) => fieldActions(f.name, { address: pointer + f.offset, size: f.size })),
    );
  };
  return html`<section class="memory" aria-label="Memory">
    <h2>
      ${toggle} <span>${name} ${part}, ${size} bytes at 0x${base.toString(16)}, spec ${SECTIONS[part]}</span>
      <span class="end">
        ${PARTS.map(
          (p) =>
            html`<button
              aria-pressed=${p === part ? 'true' : 'false'}
              @click=${() => act({ do: 'memory', action: { do: 'part', part: p } })}
            >
              ${p}
            </button>`,
        )}
        <button
          title="Open this memory in the editor’s own hex view, where it can be edited"
          @click=${() => send({ type: 'openMemory', address: pointer, label: `${name} ${part}` })}
        >
          Open in Hex Editor
        </button>
      </span>
    </h2>
    ${grid(view, {
      id: 'memory',
      label: `Bytes of ${name} ${part}`,
      columns: COLUMNS,
      count: Math.ceil(size / ROW_BYTES),
      none: '',
      row,
      menu,
    })}
  </section>`;
}

/** The fields that have bytes in [from, to) of a part. */
function fieldsOf(part: Part, from: number, to: number, layout: PanelQueue['ring']['layout']): ByteField[] {
  const fields: ByteField[] = [];
  for (let offset = from; offset < to;) {
    const field = fieldAtByte(part, offset, layout);
    fields.push(field);
    offset = field.offset + field.size;
  }
  return fields;
}

/** A field's bytes within a row; one that began in the row before goes on here. */
function fieldBytes(
  { bytes }: Memory,
  { name, offset, size }: ByteField,
  pointer: number,
  rowStart: number,
  changed: ReadonlyMap<number, Change>,
): TemplateResult {
  const from = Math.max(offset, rowStart);
  const to = Math.min(offset + size, rowStart + ROW_BYTES);
  const hex = (a: number, b: number): string => {
    const at = bytes === undefined ? -1 : 2 * (pointer + a - bytes.address);
    const text = at < 0 ? '' : (bytes?.hex.slice(at, at + 2 * (b - a)) ?? '');
    return text.length < 2 * (b - a) ? '' : text;
  };
  const text = hex(from, to).match(/../g)?.join(' ') ?? '·· '.repeat(to - from).trim();
  const whole = hex(offset, offset + size);
  const value = whole === '' ? '' : ` = ${littleEndian(whole)}`;
  const change = Array.from({ length: size }, (_, i) => changed.get(offset + i)).find((c) => c !== undefined);
  const was = change ? `, was ${change.before} before the ${change.author} wrote ${change.after}` : '';
  return html`<span class="f ${change ? `chg ${AUTHOR_CLASS[change.author]}` : ''}" title="${name}${value}${was}"
    >${text}</span
  >`;
}

/** The last change of each byte of a part. */
function changesOf(changes: readonly Change[], pointer: number, size: number): ReadonlyMap<number, Change> {
  const found = new Map<number, Change>();
  for (const change of changes) {
    if (change.address === undefined || change.size === undefined || isUnchanged(change)) continue;
    for (let i = 0; i < change.size; i++) {
      const offset = change.address + i - pointer;
      if (offset >= 0 && offset < size) found.set(offset, change);
    }
  }
  return found;
}

function littleEndian(hex: string): string {
  const value = BigInt(`0x${hex.match(/../g)?.reverse().join('') ?? '0'}`);
  return value > 9n ? `${value} (0x${value.toString(16)})` : String(value);
}
