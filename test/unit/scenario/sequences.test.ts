// The reference sequences of Linux 2.6.31 under QEMU's TX timer and under lguest, event by event, on the bundled driver.
import assert from 'node:assert/strict';
import { goldenLine, type MachineEvent } from '../../../src/machine';
import { assertGolden } from '../../support/golden';
import { run, scenario } from './support';

const FEATURES = ['VIRTIO_NET_F_MAC', 'VIRTIO_NET_F_STATUS', 'VIRTIO_NET_F_MRG_RXBUF', 'VIRTIO_F_NOTIFY_ON_EMPTY'];
const FRAMES = { kind: 'rx', atNs: 1_000_000, count: 30 };
const FIRST = { kind: 'tx', atNs: 1_000_000, count: 1 };

/** Events of a run from `fromNs` on to the driver's removal. */
async function events(
  traffic: readonly object[],
  fromNs: number,
  host = 'qemu-timer',
  costs: object = {},
): Promise<readonly MachineEvent[]> {
  const loaded = scenario({ device: { features: FEATURES, host: { model: host } }, traffic, costs });
  const { log, findings } = await run(loaded, { keepLog: true });
  assert.deepEqual(findings, []);
  const first = log.findIndex((e) => e.timeNs >= fromNs);
  const reset = log.findIndex((e, i) => i > first && e.what === 'status');
  return log.slice(first, reset);
}

/** An skb's coming and going through the stack is not the sequence's matter: only that it is freed. */
const matters = (e: MachineEvent): boolean => e.what !== 'skb' || e.detail['op'] === 'free';

/**
 * The notation of the facts: K kick, F forced kick, k kick suppressed, t timer fires, u used index moves, I interrupt raised,
 * + the same while one is pending, i interrupt suppressed, f an skb freed, s and w queue stopped and started.
 */
function notation(list: readonly MachineEvent[]): string {
  const letter = ({ what, detail }: MachineEvent): string => {
    switch (what) {
      case 'kick':
        return detail['forced'] === 1 ? 'F' : 'K';
      case 'interrupt':
        return detail['coalesced'] === 1 ? '+' : 'I';
      case 'skb':
        return detail['op'] === 'free' ? 'f' : '';
      default:
        return LETTERS[what] ?? '';
    }
  };
  return list.map(letter).join('');
}

const LETTERS: Readonly<Partial<Record<MachineEvent['what'], string>>> = {
  kickSuppressed: 'k',
  timerFire: 't',
  usedIdx: 'u',
  interruptSuppressed: 'i',
  queueStop: 's',
  queueWake: 'w',
};

describe('reference sequences', function () {
  this.timeout(60_000);

  it('A: one packet, device fresh: K, timer, used, I, freed', async () => {
    const list = await events([FIRST], 1_000_000);
    assert.equal(notation(list), 'KtuIf');
    assertGolden('sequence-a.txt', list.filter(matters).map(goldenLine));
  });

  it('A again: NO_INTERRUPT is set by now, and I happens through notify-on-empty', async () => {
    const list = await events([FIRST, { kind: 'tx', atNs: 2_000_000 }], 2_000_000);
    assert.equal(notation(list), 'KtuIf');
    assert.equal(list.filter((e) => e.what === 'callbacks').length, 0, 'the flag stays as it was');
    assertGolden('sequence-a-again.txt', list.filter(matters).map(goldenLine));
  });

  it('B after A: ten packets within 150 µs: K k*9, timer, nine suppressed, I on empty', async () => {
    const list = await events([FIRST, { kind: 'tx', atNs: 2_000_000, count: 10 }], 2_000_000);
    assert.equal(notation(list), `K${'k'.repeat(9)}t${'ui'.repeat(9)}uI${'f'.repeat(10)}`);
    assertGolden('sequence-b-after-a.txt', list.filter(matters).map(goldenLine));
  });

  it('B on a fresh device: callbacks are on, so the first used entries interrupt', async () => {
    const list = await events([{ ...FIRST, count: 10 }], 1_000_000);
    const said = notation(list.filter((e) => e.what !== 'skb'));
    assert.match(said, /^Kk{9}tuI(u[I+])*(ui)+uI$/);
    assert.equal(said.replace(/[^u]/g, '').length, 10);
    assertGolden('sequence-b-fresh.txt', list.filter(matters).map(goldenLine));
  });

  it('C: ring full: forced K, flush of 128, stop and start again, 128 freed, the parked skb sent with K', async () => {
    const list = await events([FIRST, { kind: 'tx', atNs: 2_000_000, count: 129 }], 2_000_000);
    const flushed = `K${'k'.repeat(127)}F${'ui'.repeat(127)}uI`;
    assert.equal(notation(list), `${flushed}sw${'f'.repeat(128)}KtuIf`);
    const kept = list.filter((e) => matters(e) && !['take', 'sent', 'use'].includes(e.what));
    assertGolden('sequence-c.txt', kept.map(goldenLine));
  });

  it('D: lguest, a burst of 3 while its thread sleeps: K k k, one interrupt for all, and the flag cleared', async () => {
    const traffic = [{ ...FIRST, count: 3 }];
    const list = await events(traffic, 1_000_000, 'lguest-2.6.31', { eventfdWake: 0 });
    assertGolden('sequence-d.txt', list.filter(matters).map(goldenLine));
    assert.equal(notation(list.filter((e) => e.who === 'driver' && e.what.startsWith('kick'))), 'Kkk');
    assert.equal(notation(list.filter((e) => e.who !== 'driver')), 'uuuI');
  });

  it('D with a thread that takes 4 µs to wake: the hole of the flag, kick after kick until it runs', async () => {
    const list = await events([{ ...FIRST, count: 3 }], 1_000_000, 'lguest-2.6.31');
    assertGolden('sequence-d-late.txt', list.filter(matters).map(goldenLine));
    assert.equal(notation(list.filter((e) => e.who !== 'driver')), 'uuuI');
  });

  it('E: lguest, 30 frames at once: one interrupt, and no refill', async () => {
    const list = await events([FRAMES], 1_000_000, 'lguest-2.6.31');
    assertGolden('sequence-e.txt', list.filter((e) => matters(e) && e.what !== 'arrive').map(goldenLine));
    assert.equal(notation(list.filter((e) => e.what !== 'skb')), `${'u'.repeat(30)}I`);
  });

  it('E, 100 frames more: more than 128 are consumed now, so one refill of 130 and one kick', async () => {
    const list = await events([FRAMES, { ...FRAMES, atNs: 2_000_000, count: 100 }], 2_000_000, 'lguest-2.6.31');
    const kept = list.filter((e) => ['interrupt', 'callbacks', 'napi', 'expose', 'kick'].includes(e.what));
    assertGolden('sequence-e-refill.txt', kept.map(goldenLine));
    assert.equal(notation(list.filter((e) => e.what !== 'skb')), `${'u'.repeat(100)}IK`);
  });
});
