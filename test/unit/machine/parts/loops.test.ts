// Closed loops by themselves: between two ends on a wire that the test holds.
import assert from 'node:assert/strict';
import { readEcho, readSegment, type Direction } from '../../../../src/device';
import type { MachineTraffic } from '../../../../src/machine';
import { Traffic } from '../../../../src/machine/traffic';
import { random } from '../../../support/machine';

const MAC = [0x52, 0x54, 0, 0x12, 0x34, 0x56];
const PEER_NS = 500;

type Ping = Extract<MachineTraffic, { readonly kind: 'ping' }>;
type Stream = Extract<MachineTraffic, { readonly kind: 'stream' }>;

const ping = (fields: Partial<Ping> = {}): Ping => ({
  kind: 'ping',
  from: 'guest',
  count: 3,
  size: 98,
  atNs: 1000,
  intervalNs: 0,
  peerNs: PEER_NS,
  ...fields,
});

const stream = (fields: Partial<Stream> = {}): Stream => ({
  kind: 'stream',
  from: 'host',
  count: 10,
  size: 1514,
  window: 4,
  ackEvery: 2,
  ackSize: 60,
  atNs: 1000,
  peerNs: PEER_NS,
  ...fields,
});

/** `1000 tx request 0`, `1500 rx data 3`, `1700 tx ack 4`: time and meaning of a frame. */
function words(ns: number, way: Direction, frame: Uint8Array): string {
  const echo = readEcho(frame);
  if (echo) return `${ns} ${way} ${echo.reply ? 'reply' : 'request'} ${echo.sequence}`;
  const segment = readSegment(frame);
  assert.ok(segment);
  const number = (bytes: number): number => (bytes - 1) / 1460;
  return segment.data > 0
    ? `${ns} ${way} data ${number(segment.sequence)}`
    : `${ns} ${way} ack ${number(segment.acknowledged)}`;
}

/**
 * Lets both ends send what is due, in order of time; each frame comes through 100 ns later.
 * @param through whether a frame does; default: all do
 */
function play(traffic: Traffic, through: (said: string) => boolean = () => true, until = Infinity): string[] {
  const said: string[] = [];
  const wire: { readonly ns: number; readonly way: Direction; readonly frame: Uint8Array }[] = [];
  for (;;) {
    const arrivalNs = wire[0]?.ns ?? Infinity;
    const way = traffic.tx.nextNs <= traffic.rx.nextNs ? 'tx' : 'rx';
    const dueNs = traffic[way].nextNs;
    if (Math.min(arrivalNs, dueNs) === Infinity || said.length >= until) return said;
    if (arrivalNs <= dueNs) {
      const { ns, way: came, frame } = wire.shift() as (typeof wire)[number];
      traffic.received(came, frame, frame.length, ns);
      continue;
    }
    const item = traffic[way].take(dueNs);
    assert.ok(item);
    const text = words(dueNs, way, item.bytes);
    said.push(text);
    if (through(text)) wire.push({ ns: dueNs + 100, way, frame: item.bytes });
  }
}

describe('closed loops', () => {
  it("a guest's ping: the next request when the reply has come", () => {
    assert.deepEqual(play(new Traffic([ping({ count: 2 })], MAC)), [
      '1000 tx request 0',
      '1600 rx reply 0',
      '1700 tx request 1',
      '2300 rx reply 1',
    ]);
  });

  it("a host's ping: the guest answers at once, the peer takes its time", () => {
    assert.deepEqual(play(new Traffic([ping({ from: 'host', count: 2 })], MAC)), [
      '1000 rx request 0',
      '1100 tx reply 0',
      '1700 rx request 1',
      '1800 tx reply 1',
    ]);
  });

  it('an interval keeps requests apart, and a reply that is later than it delays the next', () => {
    const said = (intervalNs: number): string[] => play(new Traffic([ping({ count: 2, intervalNs })], MAC));
    assert.equal(said(5000)[2], '6000 tx request 1');
    assert.equal(said(100)[2], '1700 tx request 1');
  });

  it('sequence numbers are 16 bits: a ping goes on beyond them', () => {
    const traffic = new Traffic([ping({ count: 65540 })], MAC);
    traffic.restore([{ ...traffic.snapshot()[0], sent: 65533, heard: 65533, answered: 65533 }]);
    const said = play(traffic);
    assert.equal(said.length, 2 * 7);
    assert.match(said[2 * 3] ?? '', /request 0$/);
    assert.deepEqual(traffic.unanswered(), []);
  });

  it('a stream: the window, an ACK for two, and two more for each', () => {
    assert.deepEqual(play(new Traffic([stream({ count: 7 })], MAC)), [
      '1000 rx data 0',
      '1000 rx data 1',
      '1000 rx data 2',
      '1000 rx data 3',
      '1100 tx ack 2',
      '1100 tx ack 4',
      '1700 rx data 4',
      '1700 rx data 5',
      '1700 rx data 6',
      '1800 tx ack 6',
      '1800 tx ack 7',
    ]);
  });

  it("a guest's stream: the peer's ACKs come after its time, the data they make room for at once", () => {
    assert.deepEqual(play(new Traffic([stream({ from: 'guest', count: 4, window: 2 })], MAC)), [
      '1000 tx data 0',
      '1000 tx data 1',
      '1600 rx ack 2',
      '1700 tx data 2',
      '1700 tx data 3',
      '2300 rx ack 4',
    ]);
  });

  it('a stream goes on beyond 4 GiB of sequence numbers', () => {
    const count = Math.ceil(2 ** 32 / 1460) + 10;
    const traffic = new Traffic([stream({ count })], MAC);
    const far = count - 20;
    const counts = { sent: far, acknowledged: far, inOrder: far, promised: far, edges: [far + 4] };
    traffic.restore([{ ...traffic.snapshot()[0], ...counts }]);
    assert.equal(play(traffic).length, 20 + 10);
    assert.deepEqual(traffic.unanswered(), []);
  });

  it('what is lost is told, and nothing is sent in its place', () => {
    const lost = (item: MachineTraffic, which: string): unknown => {
      const traffic = new Traffic([item], MAC);
      play(traffic, (said) => !said.endsWith(which));
      assert.equal(traffic.tx.nextNs, Infinity);
      return traffic.unanswered();
    };
    const told = { kind: 'ping', waits: 'guest', number: 2, count: 3 };
    assert.deepEqual(lost(ping(), 'request 1'), [{ ...told, lost: 'request' }]);
    assert.deepEqual(lost(ping(), 'reply 1'), [{ ...told, lost: 'reply' }]);
    assert.deepEqual(lost(ping(), 'reply 7'), []);
    const waits = { kind: 'stream', waits: 'peer', count: 10 };
    assert.deepEqual(lost(stream(), 'data 3'), [{ ...waits, lost: 'segment', number: 4 }]);
    // a later ACK says what a lost one said
    assert.deepEqual(lost(stream(), 'ack 2'), []);
    assert.deepEqual(lost(stream(), 'ack 10'), [{ ...waits, lost: 'ack', number: 10 }]);
  });

  it('what comes twice is answered twice, and asked for once', () => {
    const traffic = new Traffic([ping({ from: 'guest', count: 2 })], MAC);
    const request = traffic.tx.take(1000)?.bytes;
    assert.ok(request);
    for (const ns of [1100, 1150]) traffic.received('tx', request, request.length, ns);
    const replies = [traffic.rx.take(1600), traffic.rx.take(1650)].map((item) => item?.bytes);
    for (const reply of replies) traffic.received('rx', reply as Uint8Array, request.length, 1700);
    assert.match(words(0, 'tx', traffic.tx.take(1700)?.bytes as Uint8Array), /request 1$/);
    assert.equal(traffic.tx.nextNs, Infinity);
  });

  it('a segment that overtakes another is acknowledged with it', () => {
    const traffic = new Traffic([stream({ count: 4 })], MAC);
    const frames = [0, 1, 2, 3].map(() => traffic.rx.take(1000)?.bytes as Uint8Array);
    for (const i of [0, 2, 3, 1]) traffic.received('rx', frames[i] as Uint8Array, 1514, 1100);
    assert.equal(words(1100, 'tx', traffic.tx.take(1100)?.bytes as Uint8Array), '1100 tx ack 4');
    assert.equal(traffic.tx.nextNs, Infinity);
  });

  it("a loop knows its own frames among others', and none that is cut short", () => {
    const traffic = new Traffic([ping({ count: 1 }), ping({ count: 1 }), stream({ from: 'guest', count: 1 })], MAC);
    const [first, second, data] = [1, 2, 3].map(() => traffic.tx.take(1000)?.bytes as Uint8Array);
    assert.ok(first && second && data);
    traffic.received('tx', first.subarray(0, 60), 60, 1100);
    assert.equal(traffic.rx.nextNs, Infinity);
    traffic.received('tx', second, 98, 1200);
    assert.equal(readEcho(traffic.rx.take(1700)?.bytes as Uint8Array)?.identifier, readEcho(second)?.identifier);
    traffic.received('tx', data.subarray(0, 128), data.length, 1300);
    assert.equal(words(0, 'rx', traffic.rx.take(1800)?.bytes as Uint8Array), '0 rx ack 1');
  });

  it('goes on from a snapshot as it did before, wherever it was taken', () => {
    const below = random(7);
    const items = (): Traffic =>
      new Traffic([ping({ count: 9 }), stream({ count: 20, window: 5, ackEvery: 3 }), ping({ from: 'host' })], MAC);
    const whole = play(items());
    for (let i = 0; i < 20; i++) {
      const traffic = items();
      play(traffic, () => true, below(whole.length));
      const saved = traffic.snapshot();
      const rest = play(traffic);
      traffic.restore(structuredClone(saved));
      assert.deepEqual(play(traffic), rest);
    }
  });
});
