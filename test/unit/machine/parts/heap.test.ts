// The heap's memory of calls: where an object was allocated and freed, bounded, and restored.
import assert from 'node:assert/strict';
import { Heap } from '../../../../src/machine/heap';

describe('heap', () => {
  it('tells where a live object was allocated and a freed one was freed', () => {
    const heap = new Heap();
    heap.allocated(0x8000, 10, 3);
    assert.deepEqual(heap.related(0x8000), [{ text: 'allocated', position: { tick: 10, sub: 0 }, site: 3 }]);
    heap.released(0x8000, 20, 4);
    const [last] = heap.related(0x8000).slice(-1);
    assert.deepEqual(last, { text: 'freed', position: { tick: 20, sub: 0 }, site: 4 });
    heap.allocated(0x8000, 30, undefined);
    assert.deepEqual(heap.related(0x8000), [{ text: 'allocated', position: { tick: 30, sub: 0 } }]);
    assert.deepEqual(heap.related(0x9000), []);
  });

  it('forgets the objects that were freed longest ago, and no others', () => {
    const heap = new Heap();
    heap.allocated(1, 1, 1);
    for (let i = 0; i < 5000; i++) heap.released(0x10000 + i, i, 2);
    assert.deepEqual(heap.related(0x10000), []);
    assert.equal(heap.related(0x10000 + 4999).length, 1);
    assert.equal(heap.related(1).length, 1);
    assert.ok(heap.snapshot().freed.length < 5000);
  });

  it('is restored as it was', () => {
    const heap = new Heap();
    heap.allocated(1, 1, 1);
    heap.released(2, 2, 2);
    const saved = heap.snapshot();
    heap.released(1, 3, 3);
    heap.allocated(4, 4, 4);
    heap.restore(saved);
    assert.deepEqual(heap.snapshot(), saved);
    assert.equal(heap.related(1)[0]?.text, 'allocated');
    assert.deepEqual(heap.related(4), []);
  });
});
