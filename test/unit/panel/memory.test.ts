// The memory view: fields by byte as the ring's own decoder names them, what is asked for, and what is drawn of it.
import assert from 'node:assert/strict';
import { composePanelState } from '../../../src/panel/compose';
import type { PanelState, ToPanel } from '../../../src/panel/protocol';
import { fieldAt, type SplitLayout } from '../../../src/virtqueue';
import { fieldAtByte, PARTS, partSize } from '../../../webview/memory/fields';
import {
  dueMemory,
  initialMemory,
  partPointer,
  receiveMemory,
  updateMemory,
  type Memory,
} from '../../../webview/memory/state';
import { largest, ringFull, type Scene } from '../../support/panel-states';

const stateOf = ({ stop, ctx }: Scene): PanelState => composePanelState(stop, ctx);

const queueOf = (state: PanelState): PanelState['queues'][number] =>
  state.queues.find((q) => q.ring.name === 'tx') ?? assert.fail('no tx');

describe('panel: memory', () => {
  for (const eventIdx of [false, true])
    it(`names every byte as the changes do${eventIdx ? ', event fields included' : ''}`, () => {
      for (const size of [1, 2, 8, 256]) {
        const layout: SplitLayout = {
          format: 'split',
          size,
          desc: 0x10000n,
          avail: 0x20000n,
          used: 0x30000n,
          eventIdx,
          indirect: false,
        };
        for (const part of PARTS)
          for (let offset = 0; offset < partSize(part, layout); offset++) {
            const expected = fieldAt(layout, layout[part] + BigInt(offset));
            const found = fieldAtByte(part, offset, layout);
            assert.equal(found.name, expected?.field, `${part} + ${offset} of ${size}`);
            assert.equal(found.size, expected?.size);
            assert.ok(found.offset <= offset && offset < found.offset + found.size);
          }
      }
    });

  it('asks for what is in view and around it, once for each state, and only while it is open', () => {
    const state = stateOf(largest());
    const queue = queueOf(state);
    const message: ToPanel = { type: 'state', state };
    let memory: Memory = receiveMemory(initialMemory, message);
    assert.equal(dueMemory(memory, state, queue, 0, 16), undefined, 'closed');
    memory = updateMemory(memory, { do: 'open', open: true });
    const pointer = partPointer(state, queue, 'desc') ?? assert.fail();
    const first = dueMemory(memory, state, queue, 20_000, 16);
    assert.ok(first);
    const { address, size } = first.message;
    assert.ok(address <= pointer + 16 * 20_000 && address + size >= pointer + 16 * 20_016, 'covers the view');
    assert.ok(size <= 4096, `${size} bytes for 16 rows`);
    memory = updateMemory(memory, { do: 'asked', key: first.key });
    assert.equal(dueMemory(memory, state, queue, 0, 16), undefined, 'one question at a time');
    memory = receiveMemory(memory, { type: 'memory', address, bytes: '00'.repeat(size) });
    assert.equal(dueMemory(memory, state, queue, 20_001, 16), undefined, 'a row further is known');
    assert.ok(dueMemory(memory, state, queue, 0, 16), 'the start is not');
    assert.ok(dueMemory(receiveMemory(memory, message), state, queue, 20_000, 16), 'bytes may have changed');
    memory = updateMemory(memory, { do: 'part', part: 'used' });
    const used = dueMemory(memory, state, queue, 16_380, 16)?.message;
    assert.ok(
      used &&
        used.address + used.size <= (partPointer(state, queue, 'used') ?? 0) + partSize('used', queue.ring.layout),
    );
  });

  it('never asks beyond the end of a part, and for nothing of a queue that is not set up', () => {
    const state = stateOf(ringFull());
    const queue = queueOf(state);
    const memory = updateMemory(initialMemory, { do: 'open', open: true });
    const all = dueMemory(memory, state, queue, 0, 18)?.message;
    assert.deepEqual(all, { type: 'memory', address: partPointer(state, queue, 'desc'), size: 256 });
    assert.equal(dueMemory(memory, state, queue, 5000, 18), undefined);
    assert.equal(dueMemory(memory, state, { ...queue, ready: false }, 0, 18), undefined);
  });
});
