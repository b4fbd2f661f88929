// A Program made by hand over test/fixtures/debug: files, functions and sites as DWARF would give them, and no code.
import { join } from 'node:path';
import type { FunctionInfo, Program, Site } from '../../../src/toolchain';

export const FIXTURES = join(__dirname, '../../fixtures/debug');
export const TX_C = join(FIXTURES, 'tx.c');
export const RING_H = join(FIXTURES, 'ring.h');
export const BUNDLED = 'lib/net/core/dev.c';
export const BUNDLED_TEXT = 'int dev_queue_xmit(void)\n{\n\treturn 0;\n}\n';

/** Functions by the order of their code. `full` has two copies: one in each file that includes ring.h, were there two. */
const FUNCTIONS: readonly Omit<FunctionInfo, 'id' | 'low' | 'high'>[] = [
  { name: 'start_xmit', file: 0, line: 14 },
  { name: 'skb_xmit_done', file: 0, line: 25 },
  { name: 'full', file: 1, line: 2 },
  { name: 'full', file: 1, line: 2 },
  { name: 'dev_queue_xmit', file: 2, line: 1 },
];

/** `[function, line, column]` in the order of code. */
const SITES: readonly (readonly [number, number, number])[] = [
  [0, 16, 6], // 0
  [0, 18, 6], // 1
  [0, 19, 3], // 2
  [0, 21, 9], // 3: head = add(q)
  [0, 21, 17], // 4: kick(q)
  [0, 22, 2], // 5
  [1, 27, 9], // 6
  [2, 4, 9], // 7
  [3, 4, 9], // 8
  [4, 3, 2], // 9
];

export const SITE = {
  head: 0,
  full: 1,
  add: 3,
  kick: 4,
  ret: 5,
  done: 6,
  inFull: 7,
  inFullCopy: 8,
  bundled: 9,
} as const;
export const FUNC = { startXmit: 0, skbXmitDone: 1, full: 2, devQueueXmit: 4 } as const;

export function fakeProgram(hash = 'fake-program-1'): Program {
  const sites = SITES.map(([func, line, column], id): Site => ({
    id,
    func,
    file: FUNCTIONS[func]?.file ?? 0,
    line,
    column,
    addr: 100 + id * 10,
  }));
  return {
    version: 1,
    wasm: new Uint8Array(),
    run: new Uint8Array(),
    debug: new Uint8Array(),
    files: [
      { path: TX_C, origin: { kind: 'disk', path: TX_C } },
      { path: RING_H, origin: { kind: 'disk', path: RING_H } },
      { path: `/lab/drivers/${BUNDLED}`, origin: { kind: 'bundled', path: BUNDLED } },
    ],
    functions: FUNCTIONS.map((f, id) => ({ ...f, id, low: 100 + id * 100, high: 200 + id * 100 })),
    sites,
    symbols: {},
    table: {},
    hash,
  };
}
