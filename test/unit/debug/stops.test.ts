// Stops that the scripted machine does not make: VM exits, findings and traps with their places.
import assert from 'node:assert/strict';
import { Client } from '../../../src/debug/client';
import { exceptionInfo } from '../../../src/debug/exceptions';
import { Sources } from '../../../src/debug/sources';
import { Stacks } from '../../../src/debug/stack';
import { stoppedEvent } from '../../../src/debug/stopped';
import type { Finding, StopState } from '../../../src/machine';
import { FakeMachine } from './fake-machine';
import { BUNDLED_TEXT, fakeProgram, SITE, TX_C } from './fake-program';

const program = fakeProgram();
const known = { isFunction: () => false, label: () => undefined, idsOf: () => [3] };

const leak: Finding = {
  id: 'leak-1',
  kind: 'leak',
  text: 'skb #4 (64 B) was never freed',
  position: { tick: 9, sub: 0 },
  timeNs: 9000,
  where: 'tx.c:22 in start_xmit',
  related: [{ text: 'allocated here', site: SITE.kick }, { text: 'queued on tx' }],
};

async function state(change: Partial<StopState>): Promise<StopState> {
  return { ...(await new FakeMachine().start()), ...change };
}

describe('debug: stops', () => {
  it('tells a finding with its text and its places', async () => {
    const event = {
      seq: 0,
      position: leak.position,
      timeNs: 9000,
      who: 'machine',
      what: 'finding',
      detail: { id: 'leak-1', kind: 'leak', text: leak.text },
    } as const;
    const stop = await state({ reason: { kind: 'event', ids: ['finding'], event }, findings: [leak] });
    const info = exceptionInfo(stop, program);
    assert.deepEqual([info.exceptionId, info.description], ['finding: leak', leak.text]);
    assert.deepEqual(info.details?.stackTrace?.split('\n'), [
      'at tx.c:22 in start_xmit',
      `allocated here: ${TX_C}:21`,
      'queued on tx',
    ]);
    const { body } = stoppedEvent(stop, known);
    assert.deepEqual(
      [body.reason, body.description, body.hitBreakpointIds],
      ['exception', 'Paused on finding: leak', [3]],
    );
  });

  it('puts a VM exit on top of the frames that wait for it', async () => {
    const stop = await state({});
    const threads = stop.threads.map((t) => (t.kind === 'vcpu' ? { ...t, blockedBy: 2 } : t));
    const sources = new Sources(program, { sourcePath: () => undefined, sourceText: async () => BUNDLED_TEXT });
    const { stackFrames } = new Stacks(program, sources, new Client({})).trace({ ...stop, threads }, { threadId: 1 });
    assert.deepEqual(
      stackFrames.map((f) => f.name),
      ['--- VM exit, served by QEMU main loop ---', 'start_xmit'],
    );
  });
});
