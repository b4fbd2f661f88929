// The guards of the panel's messages: what is wrong is named by field, found and expected.
import assert from 'node:assert/strict';
import { composePanelState } from '../../../src/panel/compose';
import { checkFromPanel, checkToPanel } from '../../../src/panel/protocol';
import { ringFull } from '../../support/panel-states';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

function stateMessage(): { type: 'state'; state: { [name: string]: Json } } {
  const { stop, ctx } = ringFull();
  return JSON.parse(JSON.stringify({ type: 'state', state: composePanelState(stop, ctx) })) as ReturnType<
    typeof stateMessage
  >;
}

const errorOf = (checked: ReturnType<typeof checkFromPanel> | ReturnType<typeof checkToPanel>): string =>
  checked.ok ? 'accepted' : checked.error;

describe('panel: checking messages', () => {
  it('accepts every message of the page', () => {
    for (const message of [
      { type: 'ready' },
      { type: 'runAgain' },
      { type: 'choices', choices: { tab: 'rx', follow: true } },
      { type: 'openSource', path: '/a/b.c', line: 1 },
      { type: 'goTo', tick: 0, sub: 3 },
      { type: 'breakOnWrite', address: 0xffff_fffc, size: 2, label: 'avail.idx' },
      { type: 'lastWriter', address: 0, size: 16, label: 'desc[0]' },
      { type: 'nextWriter', address: 0, size: 16, label: 'desc[0]' },
      { type: 'goToTime', ns: 12.5 },
      { type: 'goToMark', what: ['kick'], forward: false },
      { type: 'timeline', name: 'view', query: { fromNs: 0, toNs: 10, columns: 300, items: 3000 } },
      { type: 'events', from: 7, to: 8 },
      { type: 'memory', address: 0x10000, size: 256 },
      { type: 'openMemory', address: 0x10000, label: 'tx desc' },
      { type: 'readSkb', id: 20 },
    ]) {
      assert.deepEqual(checkFromPanel(message), { ok: true, message });
    }
  });

  it('names field, expected and found', () => {
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [undefined, /^message: expected an object, found nothing$/],
      [[], /expected an object, found a list/],
      [{ type: 'toString' }, /^message\.type: expected ready or .*, found "toString"$/],
      [{ type: 'openSource', path: '', line: 1 }, /^openSource\.path: expected a path/],
      [{ type: 'openSource', path: 'a.c', line: 0 }, /^openSource\.line: expected 1 to /],
      [{ type: 'openSource', path: 'a.c', line: 1.5 }, /^openSource\.line: expected a whole number from 0, found 1.5$/],
      [{ type: 'goTo', tick: -1, sub: 0 }, /^goTo\.tick: /],
      [{ type: 'goToTime', ns: -1 }, /^goToTime\.ns: expected ns from 0, found -1$/],
      [
        { type: 'timeline', name: 'view', query: { fromNs: 5, toNs: 5, columns: 1, items: 1 } },
        /^timeline\.query: expected fromNs before toNs/,
      ],
      [
        { type: 'timeline', name: 'view', query: { fromNs: 0, toNs: 5, columns: 1e9, items: 1 } },
        /^timeline\.query\.columns: expected 1 to 4096/,
      ],
      [{ type: 'events', from: 0, to: 1e6 }, /^events: expected 0 to 500/],
      [{ type: 'memory', address: 0, size: 2 ** 30 }, /^memory\.size: expected 1 to /],
      [{ type: 'goTo', tick: 1 }, /^goTo\.sub: expected a whole number from 0, found nothing$/],
      [
        { type: 'breakOnWrite', address: 2 ** 32, size: 1, label: '' },
        /^breakOnWrite\.address: expected 0 to 4294967295/,
      ],
      [{ type: 'lastWriter', address: 0, size: 0, label: 'avail.idx' }, /^lastWriter\.size: expected 1 to /],
    ];
    for (const [message, expected] of cases) assert.match(errorOf(checkFromPanel(message)), expected);
  });

  it('checks what the page is offered to run again', () => {
    for (const again of [undefined, 'TX: one packet'])
      assert.equal(errorOf(checkToPanel({ type: 'empty', text: 'Press F5', again })), 'accepted');
    assert.equal(
      errorOf(checkToPanel({ type: 'empty', text: 'Press F5', again: 7 })),
      'empty.again: expected text, found 7',
    );
  });

  it('finds any one damaged value of a state', () => {
    const damages: readonly (readonly [(state: { [name: string]: Json }) => void, RegExp])[] = [
      [(s) => (s['version'] = 2), /^state\.state\.version: expected 1, found 2$/],
      [(s) => delete s['timeNs'], /^state\.state\.timeNs: expected a number, found nothing$/],
      [(s) => (s['physOffset'] = '40000000'), /physOffset: expected a hex number/],
      [
        (s) => (ring(s, 'descriptors')[3]!['owner'] = 'nobody'),
        /queues\[0\]\.ring\.descriptors\[3\]\.owner: expected free or .*found "nobody"$/,
      ],
      [(s) => (ring(s, 'descriptors')[0]!['flags'] = 65536), /descriptors\[0\]\.flags: expected 0 to 65535/],
      [
        (s) => ((s['threads'] as { [name: string]: Json }[])[0]!['context'] = 'nmi'),
        /threads\[0\]\.context: expected idle/,
      ],
      [(s) => ((s['threads'] as { [name: string]: Json }[])[1]!['status'] = 7), /threads\[1\]\.status: /],
      [(s) => (s['changes'] = {}), /state\.changes: expected a list, found a value of type object$/],
    ];
    for (const [damage, expected] of damages) {
      const message = stateMessage();
      assert.equal(errorOf(checkToPanel(message)), 'accepted');
      damage(message.state);
      assert.match(errorOf(checkToPanel(message)), expected);
    }
  });

  it('names each damaged field of an entry of a ring, whatever it is damaged with', () => {
    const message = stateMessage();
    const cases: readonly (readonly [where: string, fields: readonly string[], bad: readonly Json[]])[] = [
      ['ring.descriptors.1', ['index', 'len', 'chain'], [null, -1, 1.5, '12', true, {}, 2 ** 60]],
      ['ring.descriptors.1', ['flags', 'next'], [null, -1, 0.5, '1', 65536]],
      ['ring.descriptors.1', ['addr'], [null, 12, '', '0x', '0y12', '12', '0x12g']],
      ['ring.descriptors.1', ['owner'], [null, 'nobody', 'stale', '']],
      ['ring.descriptors.1', ['indirect'], [null, {}, [{}], [7]]],
      ['ring.descriptors', ['1'], [null, 7, 'x', [], {}]],
      ['ring.outstanding.0', ['head', 'descriptors', 'error'], [null, -1, ['x'], {}, [-1]]],
      ['ring.avail.ring', ['5'], [null, -1, 65536, '1']],
      ['ring.used.ring.5', ['id', 'len'], [null, -1, '1', 1.5]],
      ['availSlots', ['2'], [null, 'nobody', 0]],
      ['usedSlots', ['0'], [null, '', {}]],
    ];
    for (const [where, fields, bad] of cases)
      for (const field of fields)
        for (const value of bad) {
          const entry = at(message.state, `queues.0.${where}`);
          const was = entry[field];
          entry[field] = value;
          const path = `state.state.queues.0.${where}.${field}`.replace(/\.(\d+)(?=\.|$)/g, '[$1]');
          assert.ok(errorOf(checkToPanel(message)).startsWith(path), `${path} = ${JSON.stringify(value)}`);
          if (was === undefined) delete entry[field];
          else entry[field] = was;
        }
    assert.equal(errorOf(checkToPanel(message)), 'accepted');
  });
});

/** A value within a message, by names and numbers. */
function at(from: Json, path: string): { [name: string]: Json } {
  const found = path.split('.').reduce<Json>((v, name) => (v as { [name: string]: Json })[name] ?? null, from);
  return found as { [name: string]: Json };
}

function ring(state: { [name: string]: Json }, list: string): { [name: string]: Json }[] {
  const queues = state['queues'] as { ring: { [name: string]: { [name: string]: Json }[] } }[];
  const found = queues[0]?.ring[list];
  assert.ok(found);
  return found;
}
