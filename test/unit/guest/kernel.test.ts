// Readable views of the kernel's structs, and what is found of a driver by types alone, on a program that filled them.
import assert from 'node:assert/strict';
import { runFixture, type Fixture, type Stop } from './fixture';
import { findRingOverlay, findSkbLayout, type Variable } from '../../../src/guest';

let fixture: Fixture;
let stop: Stop;

before(async () => {
  fixture = await runFixture('kernel');
  const found = fixture.stops.get(1);
  assert.ok(found);
  stop = found;
});

function evaluate(text: string): Variable {
  return stop.inspector.evaluate(text, stop.frame);
}

function member(variable: Variable, name: string): Variable {
  const found = variable.children().find((child) => child.name === name);
  assert.ok(
    found,
    `${variable.name} has ${variable
      .children()
      .map((child) => child.name)
      .join(', ')}, no ${name}`,
  );
  return found;
}

/** Address of a variable of the program. */
function address(text: string): number {
  const found = evaluate(text).address;
  assert.ok(found !== undefined);
  return found;
}

/** Values with addresses replaced, since the linker chooses them. */
function outline(list: readonly Variable[]): string[] {
  return list.map(({ name, value }) => `${name} = ${value.replace(/0x1[0-9a-f]{4}\b/g, '&')}`);
}

describe('struct sk_buff', () => {
  it('says its length beside the address, and where its parts lie', () => {
    const skb = evaluate('skb');
    assert.match(skb.value, /^0x[0-9a-f]+ \{1042 bytes, 1000 of them in fragments\}$/);
    assert.deepEqual(outline(skb.children()).slice(0, 8), [
      'len = 1042',
      'data_len = 1000',
      'protocol = 0x0800 (IPv4)',
      'head = &',
      'data = & (head + 16)',
      'tail = & (head + 58)',
      `end = & (head + ${address('shared') - address('buffer')})`,
      'data … tail = [42] {0x52, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, …}',
    ]);
    assert.equal(member(skb, 'protocol').evaluateName, 'skb->protocol');
  });

  it('lists its page fragments', () => {
    const frags = member(evaluate('*skb'), 'frags');
    assert.deepEqual([frags.value, frags.indexedCount], ['1 fragment', 1]);
    assert.deepEqual(outline(frags.children()), ['[0] = {1000 bytes at 64 of page &}']);
    assert.equal(evaluate('&pages[1]').value, frags.children()[0]?.value.replace(/.*page (0x[0-9a-f]+)}/, '$1'));
  });

  it('keeps the struct as it is beside the view', () => {
    const raw = member(evaluate('skb'), '[raw]');
    assert.equal(member(raw, 'protocol').value, '8');
    assert.equal(member(raw, 'ip_summed').value, '3');
    assert.equal(member(raw, 'csum_start').value, '0');
  });
});

describe('lists', () => {
  it('of skbs hold skbs', () => {
    const backlog = evaluate('backlog');
    assert.deepEqual([backlog.value, backlog.indexedCount], ['{2 entries}', 2]);
    const entries = backlog.children().filter(({ name }) => name.startsWith('['));
    assert.deepEqual(
      entries.filter(({ name }) => name !== '[raw]').map(({ name, type, value }) => [name, type, value.split(' ')[0]]),
      [
        ['[0]', 'struct sk_buff *', evaluate('&packet').value.split(' ')[0]],
        ['[1]', 'struct sk_buff *', evaluate('&second').value.split(' ')[0]],
      ],
    );
    const first = entries.find(({ name }) => name === '[0]');
    assert.equal(evaluate(first?.evaluateName ?? '').value, first?.value);
    assert.equal(evaluate('bad_length').value, '{qlen is 3, but 0 are linked}');
  });

  it('of the kernel API hold what they are known to hold', () => {
    const vqs = member(evaluate('device'), 'vqs');
    assert.equal(vqs.value, '{2 entries}');
    const names = vqs.children(0, 2).filter(({ type }) => type === 'struct virtqueue *');
    assert.deepEqual(
      names.map((queue) => member(queue, 'name').value.replace(/^0x\w+ /, '')),
      ['"input"', '"output"'],
    );
  });

  it('that are broken say how', () => {
    assert.equal(evaluate('lonely').value, '{empty}');
    assert.equal(evaluate('unset').value, '{not initialised}');
    assert.match(evaluate('looped').value, /^\{2 entries, then: it runs in a circle at 0x\w+ without coming back/);
    assert.equal(evaluate('wild').value, '{next is 0xdead0000, which is no RAM}');
    assert.equal(evaluate('deleted').value, '{deleted by list_del()}');
    assert.match(evaluate('queues[0].list').value, /linked with 2 others/);
  });
});

describe('struct vring', () => {
  it('shows its parts as arrays of its size, flags by name', () => {
    const vring = evaluate('vq->vring');
    assert.equal(vring.value, '{4 entries, avail.idx 65535, used.idx 65534}');
    const desc = member(vring, 'desc');
    assert.equal(desc.indexedCount, 4);
    assert.deepEqual(
      desc.children(1, 2).map(({ value }) => value),
      ['{addr 0x40001000, len 12, NEXT|WRITE, next 2}', '{addr 0x0, len 0, 0x8000}'],
    );
    const avail = member(vring, 'avail');
    assert.match(avail.value, /\{flags NO_INTERRUPT, idx 65535\}$/);
    assert.equal(member(avail, 'ring').value, '[4] {0, 0, 0, 1}');
    const used = member(vring, 'used');
    assert.match(used.value, /\{flags NO_NOTIFY, idx 65534\}$/);
    assert.equal(member(member(used, 'ring').children()[1] as Variable, 'id').value, '3');
  });

  it('opens with expressions that mean the same', () => {
    const vring = evaluate('vq->vring');
    const used = member(member(vring, 'used'), 'ring').children()[1] as Variable;
    assert.equal(used.evaluateName, 'vq->vring.used->ring[1]');
    assert.equal(evaluate(used.evaluateName).address, used.address);
    const second = member(vring, 'desc').children(1, 1)[0] as Variable;
    assert.equal(evaluate(second.evaluateName ?? '').address, second.address);
  });

  it('is shown as it is when its size is impossible', () => {
    const at = address('queue.vq.vring.num');
    const saved = stop.memory[at] as number;
    stop.memory[at + 2] = 0xff;
    const desc = member(evaluate('vq->vring'), 'desc');
    stop.memory[at + 2] = 0;
    assert.equal(stop.memory[at], saved);
    assert.equal(desc.indexedCount, 0);
  });
});

describe('small structs', () => {
  it('say all in one line', () => {
    assert.equal(evaluate('taken').value, '{locked in start_xmit(), line 123}');
    assert.equal(evaluate('idle').value, '{unlocked}');
    assert.match(evaluate('sg[0]').value, /^\{10 bytes at 20 of page 0x\w+\}$/);
    assert.match(evaluate('sg[1]').value, /^\{0 bytes at 0 of page 0x\w+, last\}$/);
  });
});

describe('what is found by types', () => {
  it('is where an skb has its fields', () => {
    const layout = findSkbLayout(fixture.debugInfo);
    assert.ok(layout);
    const offset = (name: string): number => address(`packet.${name}`) - address('packet');
    assert.deepEqual(
      [layout.len, layout.dataLen, layout.head, layout.data, layout.tail, layout.end, layout.next],
      ['len', 'data_len', 'head', 'data', 'tail', 'end', 'next'].map(offset),
    );
    assert.equal(layout.nrFrags, address('shared.nr_frags') - address('shared'));
    assert.equal(layout.frags, address('shared.frags') - address('shared'));
    assert.equal(layout.fragLength, address('shared.frags[0].size') - address('shared.frags'));
    assert.equal(layout.pageStruct, Number(evaluate('sizeof(struct page)').value));
  });

  it('is the driver-private side of a ring', () => {
    const overlay = findRingOverlay(fixture.debugInfo, stop.memory, address('desc[0]'), 4);
    assert.deepEqual(overlay, {
      lastUsedIdx: { address: address('queue.vq.last_used_idx'), size: 2 },
      numFree: { address: address('queue.vq.num_free'), size: 4 },
      freeHead: { address: address('queue.vq.free_head'), size: 4 },
      numAdded: { address: address('queue.vq.num_added'), size: 4 },
    });
  });

  it('is nothing for a ring whose names are its author’s, another size, or no ring at all', () => {
    const find = (at: number, size: number): unknown =>
      findRingOverlay(fixture.debugInfo, stop.memory.slice(), at, size);
    assert.equal(find(address('own_desc[0]'), 4), undefined);
    assert.equal(find(address('desc[0]'), 8), undefined);
    assert.equal(find(0x12345, 4), undefined);
    assert.equal(find(0, 4), undefined);
    for (const nowhere of [-4096, 2 ** 32, 2 ** 33 + 4096]) assert.equal(find(nowhere, 4), undefined);
  });

  it('is nothing when two objects fit', () => {
    const memory = stop.memory.slice();
    const from = address('queue');
    const size = Number(evaluate('sizeof queue').value);
    memory.copyWithin(memory.length - 4096, from, from + size);
    assert.equal(findRingOverlay(fixture.debugInfo, memory, address('desc[0]'), 4), undefined);
  });

  it('is looked for anew when the object has moved', () => {
    const memory = stop.memory.slice();
    const from = address('queue');
    const size = Number(evaluate('sizeof queue').value);
    const first = findRingOverlay(fixture.debugInfo, memory, address('desc[0]'), 4);
    memory.copyWithin(memory.length - 4096, from, from + size);
    memory.fill(0x6b, from, from + size);
    const second = findRingOverlay(fixture.debugInfo, memory, address('desc[0]'), 4);
    const moved = memory.length - 4096 - from;
    assert.equal(second?.numFree?.address, (first?.numFree?.address ?? 0) + moved);
  });
});
