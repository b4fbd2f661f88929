// The rings and skbs of a stop as bytes, on their way to the page: what arrives is what was composed, and damaged bytes are named.
import assert from 'node:assert/strict';
import { composePanelState } from '../../../src/panel/compose';
import { withBytes } from '../../../src/panel/ring-bytes';
import { checkToPanel, type PanelState } from '../../../src/panel/protocol';
import { captured, indirect, largest, ringFull, type Scene } from '../../support/panel-states';

const compose = ({ stop, ctx }: Scene): PanelState => composePanelState(stop, ctx);

/** As a page gets it: `postMessage` clones. */
const posted = (state: PanelState): unknown => structuredClone(withBytes({ type: 'state', state }));

function arrived(message: unknown): PanelState {
  const checked = checkToPanel(message);
  assert.ok(checked.ok, checked.ok ? '' : checked.error);
  assert.ok(checked.message.type === 'state');
  return checked.message.state;
}

/** With the fields of what is read where it is looked at, and the chains as a list. */
function plain(state: PanelState): unknown {
  const queues = state.queues.map((queue) => {
    const chains: unknown[] = [];
    queue.ring.outstanding.find((chain) => {
      chains.push(chain);
      return false;
    });
    const descriptors = queue.ring.descriptors.map(
      ({ index, addr, len, flags, next, owner, chain, indirect: table }) => ({
        ...{ index, addr, len, flags, next, owner, chain, table },
      }),
    );
    return { ...queue, ring: { ...queue.ring, descriptors, outstanding: chains } };
  });
  const skbs = state.skbs.map(
    ({
      id,
      address,
      length,
      head,
      bornNs,
      sinceNs,
      place,
      direction,
      orphaned,
      charged,
      queue,
      summary,
      where,
      history,
    }) => ({
      ...{ id, address, length, head, bornNs, sinceNs, place, direction, orphaned, charged, queue, summary, where },
      history: history.map((stay) => ({ ...stay })),
    }),
  );
  return { ...state, queues, skbs };
}

/** A chain whose walk stops early: its head names a descriptor that does not exist. */
function broken(state: PanelState): PanelState {
  const outstanding = [
    { head: 1, descriptors: [1, 2] },
    { head: 300, descriptors: [], error: 'head 300 of 16' },
  ];
  return { ...state, queues: state.queues.map((queue) => ({ ...queue, ring: { ...queue.ring, outstanding } })) };
}

describe('panel: rings and skbs as bytes', () => {
  const states: Readonly<Record<string, () => PanelState>> = {
    'rings of a real guest': () => compose(captured()),
    'a full ring': () => compose(ringFull()),
    'an indirect table': () => compose(indirect()),
    'a chain with an error': () => broken(compose(ringFull())),
    'the largest ring there is': () => compose(largest()),
  };
  for (const [name, state] of Object.entries(states))
    it(`arrive as they were composed: ${name}`, () => {
      assert.deepEqual(plain(arrived(posted(state()))), plain(state()));
    });

  it('keep the words of where an skb is, whatever numbers they have', () => {
    const state = compose(ringFull());
    for (const where of ['', 'head 7', 'head 0, avail.ring[65535], waiting', 'a 007 of 12345678901234567890, 1.50']) {
      const [skb] = arrived(posted({ ...state, skbs: state.skbs.map((s) => ({ ...s, where })) })).skbs;
      assert.equal(skb?.where, where);
    }
  });

  it('keep addresses of any length', () => {
    const state = compose(ringFull());
    for (const addr of ['0x0', '0xfffffff', '0xffffffff', '0x100000002', '0x123456789abcdef0']) {
      const queues = state.queues.map((queue) => ({
        ...queue,
        ring: { ...queue.ring, descriptors: queue.ring.descriptors.map((d) => ({ ...d, addr })) },
      }));
      const [descriptor] = arrived(posted({ ...state, queues })).queues[0]?.ring.descriptors ?? [];
      assert.equal(descriptor?.addr, addr);
    }
  });

  it('are not taken over when the bytes are not what they should be', () => {
    const damages: readonly (readonly [path: string, value: unknown, error: RegExp])[] = [
      [
        'ring.descriptors.owners',
        Uint8Array.of(1),
        /ring\.descriptors: expected a list, found a value of type object$/,
      ],
      ['ring.descriptors.owners.0', 200, /ring\.descriptors: expected a list/],
      ['ring.descriptors.heads', [], /ring\.descriptors: expected a list/],
      ['ring.outstanding.numbers', Int32Array.of(-1, 0), /ring\.outstanding: expected a list/],
      ['ring.outstanding.errors', [['0', 'x']], /ring\.outstanding: expected a list/],
      ['ring.avail.ring', Uint8Array.of(1), /ring\.avail\.ring: expected a list/],
      ['ring.used.ring', Uint32Array.of(1), /ring\.used\.ring: expected a list/],
      ['availSlots.3', 9, /availSlots: expected a list/],
      ['usedSlots', null, /usedSlots: expected a list, found null$/],
    ];
    for (const [path, value, error] of damages) {
      const message = posted(compose(ringFull()));
      const steps = `state.queues.0.${path}`.split('.');
      const last = steps.pop() ?? '';
      const at = steps.reduce((of, step) => of[step] as Record<string, unknown>, message as Record<string, unknown>);
      at[last] = value;
      const checked = checkToPanel(message);
      assert.match(checked.ok ? 'accepted' : checked.error, error, path);
    }
  });

  it('are not taken over when the bytes of the skbs are not what they should be', () => {
    for (const [field, value] of [
      ['numbers', new Float64Array(1)],
      ['numbers.0', Number.NaN],
      ['codes.0', 99],
      ['texts.0', 1000],
      ['words.0', 1],
      ['stays.0', 99],
      ['staysEnd', new Uint32Array(1)],
      ['holes', []],
    ] as const) {
      const message = posted(compose(ringFull())) as { state: { skbs: Record<string, unknown> } };
      const [name = '', at] = field.split('.');
      if (at === undefined) message.state.skbs[name] = value;
      else (message.state.skbs[name] as Record<string, unknown>)[at] = value;
      const checked = checkToPanel(message);
      assert.match(
        checked.ok ? 'accepted' : checked.error,
        /skbs: expected a list, found a value of type object$/,
        field,
      );
    }
  });

  it('names the field of a damaged indirect table', () => {
    const message = posted(compose(indirect())) as { state: { queues: { ring: { descriptors: never } }[] } };
    const { indirect: tables } = message.state.queues[0]?.ring.descriptors as unknown as {
      indirect: [number, { len: unknown }[]][];
    };
    const [at, table] = tables[0] ?? [];
    if (table?.[1]) table[1].len = -1;
    const checked = checkToPanel(message);
    assert.match(
      checked.ok ? 'accepted' : checked.error,
      new RegExp(`descriptors\\[${at}\\]\\.indirect\\[1\\]\\.len: `),
    );
  });

  it('cross as no more bytes than they have in memory, and their states', () => {
    const bytes = (value: unknown): number =>
      ArrayBuffer.isView(value)
        ? value.byteLength
        : typeof value === 'object' && value !== null
          ? Object.values(value).reduce((sum: number, inner) => sum + bytes(inner), 0)
          : 0;
    const size = 32768;
    // table, owners and heads; avail and used; the states of both; of each chain its head, its length and one descriptor
    assert.equal(bytes(posted(compose(largest()))), size * (16 + 1 + 4 + 2 + 8 + 2 + 12));
  });
});
