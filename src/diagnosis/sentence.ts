// One sentence a queue: why nothing moves in it, or who has to act next; and what each clause of it was derived from. Never guessed.
import { hostsOf, queueFacts, setup, vcpuOf, type HostThread, type QueueFacts, type Vcpu } from './facts';
import type { DiagnosisInput } from './input';
import { atTap, count, duration, sentence, verb } from './words';

/** A part of the sentence, and the fields, registers and threads it was derived from: `avail.idx`, `NO_NOTIFY`, `tx_timer`. */
export interface Clause {
  readonly text: string;
  readonly from: readonly string[];
}

/** A side, by the name of the thread, timer or event that stands for it. */
export interface Party {
  readonly name: string;
  readonly side: 'driver' | 'device';
}

/** Who waits for whom. */
export interface Wait {
  readonly who: Party;
  readonly whom: Party;
}

export interface Reason {
  /** in the order of the sentence */
  readonly clauses: readonly Clause[];
  /** absent when nobody can tell: a broken ring, a dead host */
  readonly waits?: Wait;
}

/**
 * Who has to act next on this queue, and what waits for it. One sentence; one before it when something is wrong with the ring's bytes.
 * Time is virtual.
 */
export function queueSentence(input: DiagnosisInput): string {
  const [problem] = input.ring.problems;
  const said = sentence(...queueReason(input).clauses.map(({ text }) => text));
  return [problem === undefined ? '' : `Problem in the ring: ${problem}.`, said].filter((s) => s !== '').join(' ');
}

/** The same in parts, without what is wrong with the ring's bytes. */
export function queueReason(input: DiagnosisInput): Reason {
  return isRingBroken(input) ? { clauses: [] } : ordinary(input);
}

/** The indices cannot both be right: nothing that is counted from them means anything. */
const isRingBroken = ({ ring }: DiagnosisInput): boolean =>
  ring.layout.size === 0 ||
  ring.avail.ring.length === 0 ||
  ((ring.avail.idx - ring.used.idx) & 0xffff) > ring.layout.size;

function ordinary(input: DiagnosisInput): Reason {
  const facts = queueFacts(input);
  const main =
    lifeClause(input, facts) ??
    exitClause(input, facts) ??
    workClause(input, facts) ??
    interruptClause(input, facts) ??
    timerClause(input, facts) ??
    unreadClause(input, facts) ??
    deviceClause(input, facts);
  const clauses = [...main.clauses, ...tail(input, facts, main.covers)].filter(({ text }) => text !== '');
  return { clauses, ...(main.waits && { waits: main.waits }) };
}

type Clauses = readonly Clause[];

const clause = (text: string, ...from: readonly string[]): Clause => ({ text, from });

const DRIVER: Party = { name: 'driver', side: 'driver' };
const DEVICE: Party = { name: 'device', side: 'device' };
const KICK: Party = { name: 'a kick', side: 'driver' };
const host = (name: string): Party => ({ name, side: 'device' });
const vcpu = (name: string): Party => ({ name, side: 'driver' });

/** What the tail need not say again. */
type Topic = 'unread' | 'added' | 'building';

interface Said {
  readonly clauses: Clauses;
  readonly covers: readonly Topic[];
  readonly waits?: Wait;
}

const say = (clauses: Clauses, waits?: Wait, ...covers: readonly Topic[]): Said => ({ clauses, covers, waits });
const wait = (who: Party, whom: Party): Wait => ({ who, whom });

/** What tells how many buffers the device has looked at, and how many it has not. */
const UNTAKEN = ['avail.idx', 'last_avail_idx'] as const;
const TAKEN = ['last_avail_idx', 'used.idx'] as const;
const UNREAD = ['used.idx', 'last_used_idx'] as const;
const KICK_FIELDS = ['used.flags', 'used.avail_event', 'avail.idx'] as const;

const exposed = (n: number): string => count(n, 'exposed buffer');
const posted = (n: number): string => count(n, 'empty buffer');
const usedBuffers = (n: number): string => count(n, 'used buffer');

/** Set-up, failure, death: nothing else matters then. */
function lifeClause(input: DiagnosisInput, facts: QueueFacts): Said | undefined {
  const waiting = facts.untaken + facts.taken;
  const outstanding =
    waiting > 0
      ? [clause(`${count(waiting, 'buffer')} ${verb(waiting, 'is', 'are')} exposed`, 'avail.idx', 'used.idx')]
      : [];
  const hosts = hostsOf(input);
  if (hosts.length > 0 && hosts.every((h) => h.status === 'dead')) {
    const names = hosts.map(({ name }) => name);
    return say([clause('the host has died: the device does nothing any more', ...names), ...outstanding]);
  }
  switch (setup(input.device.status)) {
    case 'failed':
      return say([
        clause('the driver has given the device up (FAILED is set): nothing moves before a reset', 'status'),
        ...outstanding,
      ]);
    case 'needs-reset':
      return say(
        [
          clause('the device has met an error and asks for a reset (DEVICE_NEEDS_RESET is set)', 'status'),
          ...outstanding,
        ],
        wait(DEVICE, DRIVER),
      );
    case 'setting-up':
      return say(
        [clause('the driver is still setting the device up (DRIVER_OK is clear)', 'status'), ...outstanding],
        wait(DEVICE, DRIVER),
      );
    case 'driver-ok':
      return undefined;
  }
}

/** The vCPU stands in a synchronous exit. */
function exitClause(input: DiagnosisInput, facts: QueueFacts): Said | undefined {
  const cpu = vcpuOf(input);
  const server = hostsOf(input).find((h) => h.id === cpu?.blockedBy);
  if (cpu === undefined || server === undefined) return undefined;
  return say(
    [
      clause(`${cpu.name} is inside a VM exit until ${server.name} is done${nextOf(server)}`, cpu.name, server.name),
      ...held(facts),
      ...((facts.unread ?? 0) > 0 ? [clause(`nothing is reclaimed until it returns`, ...UNREAD)] : []),
    ],
    wait(vcpu(cpu.name), host(server.name)),
  );
}

/** A host thread acts, or is on its way to. */
function workClause(input: DiagnosisInput, facts: QueueFacts): Said | undefined {
  const hosts = hostsOf(input);
  const acting = hosts.find((h) => h.status === 'running') ?? hosts.find((h) => h.status === 'ready');
  if (acting !== undefined) {
    return say(
      [clause(`${acting.name} is at work${nextOf(acting)}`, acting.name), ...held(facts)],
      wait(DRIVER, host(acting.name)),
    );
  }
  const busy = hosts.find((h) => h.status === 'sleeping');
  if (busy === undefined) return undefined;
  const left = busy.wakeNs === undefined ? '' : ` for another ${duration(Math.max(0, busy.wakeNs - input.timeNs))}`;
  const what = `${busy.name} is busy${left}${busy.waitsFor === '' ? '' : ` (${busy.waitsFor})`}`;
  return say([clause(what, busy.name), ...held(facts)], wait(DRIVER, host(busy.name)));
}

const nextOf = ({ next }: HostThread): string => (next === undefined || next === '' ? '' : ` (next: ${next})`);

function held({ taken, untaken, receive }: QueueFacts): Clauses {
  const waits = receive
    ? `${posted(untaken)} ${verb(untaken, 'is', 'are')} posted`
    : `${exposed(untaken)} ${verb(untaken, 'waits', 'wait')}`;
  return [
    ...(taken > 0 ? [clause(`the device holds ${count(taken, 'buffer')}`, ...TAKEN)] : []),
    ...(untaken > 0 ? [clause(waits, ...UNTAKEN)] : []),
  ];
}

/** The interrupt is raised and the vCPU has not taken it. */
function interruptClause(input: DiagnosisInput, facts: QueueFacts): Said | undefined {
  const cpu = vcpuOf(input);
  // One interrupt serves all queues: it is about this one only if something was used here.
  const used = facts.unread ?? facts.usedChains;
  if (!input.device.irqPending || cpu === undefined || used === 0) return undefined;
  return say(
    [
      clause(`the device has used ${count(used, 'buffer')} and raised its interrupt`, ...UNREAD, 'interrupt'),
      clause(delivery(cpu), cpu.name),
    ],
    wait(DEVICE, vcpu(cpu.name)),
    'unread',
  );
}

function delivery(cpu: Vcpu): string {
  if (cpu.context === 'hardirq') return `${cpu.name} is in an interrupt handler already`;
  return cpu.irqsOff ? `interrupts are masked on ${cpu.name}` : `${cpu.name} takes it next`;
}

/** A timer of the host will serve this queue. */
function timerClause(input: DiagnosisInput, facts: QueueFacts): Said | undefined {
  const timers = input.device.timers.filter((t) => t.queue === input.ring.name);
  const timer = timers.reduce<(typeof timers)[number] | undefined>(
    (a, b) => (a && a.dueNs <= b.dueNs ? a : b),
    undefined,
  );
  if (timer === undefined) return undefined;
  const name = /timer/i.test(timer.name) ? timer.name : `${timer.name} timer`;
  const fires = clause(`the host's ${name} fires in ${duration(Math.max(0, timer.dueNs - input.timeNs))}`, timer.name);
  const waits = wait(DEVICE, host(name));
  if (facts.untaken === 0) return say([fires, clause('no exposed buffer waits for it', ...UNTAKEN)], waits);
  const suppressed = facts.kick.sent ? '' : `${facts.kick.why} and `;
  const until = `until then ${suppressed}${exposed(facts.untaken)} ${verb(facts.untaken, 'waits', 'wait')}`;
  return say([fires, clause(until, ...(facts.kick.sent ? [] : KICK_FIELDS), ...UNTAKEN)], waits);
}

/** The driver has not read what the device has used, and no interrupt is on its way. */
function unreadClause(input: DiagnosisInput, facts: QueueFacts): Said | undefined {
  const unread = facts.unread ?? 0;
  const cpu = vcpuOf(input);
  if (unread === 0 || cpu === undefined) return undefined;
  const waits = wait(DEVICE, vcpu(cpu.name));
  const buffers = `${usedBuffers(unread)} ${verb(unread, 'waits', 'wait')}`;
  const told = (state: string, what: string): Said =>
    say([clause(state, cpu.name), clause(`${buffers} ${what}`, ...UNREAD)], waits, 'unread');
  switch (cpu.context) {
    case 'hardirq':
      return told('the driver is in its interrupt', 'to be reclaimed');
    case 'softirq':
      return told('the driver runs in softirq context', 'to be reclaimed');
    case 'process':
      return told('the driver runs', 'until it looks at the used ring');
    case 'idle':
      return facts.callbacks.sent
        ? say(
            [
              clause(`${buffers} though callbacks are on`, ...UNREAD, 'avail.flags', 'avail.used_event'),
              clause(`no interrupt is pending, and ${cpu.name} is idle`, 'interrupt', cpu.name),
            ],
            waits,
            'unread',
          )
        : say(
            [
              clause(`${buffers} until the driver looks of its own accord`, ...UNREAD),
              clause(
                `no interrupt is pending: ${facts.callbacks.why}`,
                'interrupt',
                'avail.flags',
                'avail.used_event',
                'used.idx',
              ),
            ],
            waits,
            'unread',
          );
  }
}

/** All threads of the host are at rest, and the used ring is read: what would wake the device? */
function deviceClause(input: DiagnosisInput, facts: QueueFacts): Said {
  const { untaken, taken, receive, kick, owed, decided } = facts;
  if (untaken === 0) return emptyClause(input, facts);
  const frames = receive ? input.device.tapFrames : 0;
  if (receive && frames === 0) {
    return say(
      [
        clause(`the device waits for a frame`),
        clause(`${posted(untaken)} ${verb(untaken, 'is', 'are')} posted`, ...UNTAKEN),
      ],
      wait(DEVICE, { name: 'a frame', side: 'device' }),
    );
  }
  const buffers = count(untaken, 'buffer');
  const sleeps = [
    ...(frames > 0 ? [clause(atTap(frames), 'tap')] : []),
    clause('the device sleeps', ...hostsOf(input).map(({ name }) => name)),
    ...(taken > 0 ? [clause(`it holds ${count(taken, 'buffer')}`, ...TAKEN)] : []),
    clause(kick.why, ...KICK_FIELDS),
  ];
  if (owed.sent && (decided !== undefined || !kick.sent)) {
    // NO_NOTIFY was cleared, or the event index set, behind the decision: a driver asks again only about the next buffer.
    const about = verb(untaken, 'the exposed buffer', `all ${untaken} exposed buffers`);
    const done =
      decided === 'kicked'
        ? `the driver has kicked for ${about} already`
        : `the driver decided not to kick for ${about} before the device asked`;
    const why = owed.why === kick.why ? '' : `: ${owed.why}`;
    return say([...sleeps, clause(`${done}${why}`, ...KICK_FIELDS, ...UNTAKEN)], wait(DEVICE, KICK));
  }
  if (kick.sent) {
    const yet = vcpuOf(input)?.context === 'idle' ? '' : ' yet';
    return say(
      [...sleeps, clause(`the driver has exposed ${buffers} and has not kicked${yet}`, ...UNTAKEN)],
      wait(DEVICE, KICK),
    );
  }
  const need = `so the driver need not kick, no timer is armed, and ${exposed(untaken)} ${verb(untaken, 'waits', 'wait')}`;
  return say([...sleeps, clause(need, ...UNTAKEN)], wait(DRIVER, DEVICE));
}

function emptyClause(input: DiagnosisInput, { taken, added, building, receive }: QueueFacts): Said {
  if (taken > 0) {
    const holds = `the device holds ${count(taken, 'buffer')} and has not used ${verb(taken, 'it', 'them')}`;
    return say([clause(holds, ...TAKEN)], wait(DRIVER, DEVICE));
  }
  if (added > 0) {
    const has = `the driver has added ${count(added, 'buffer')} and not exposed ${verb(added, 'it', 'them')}: avail.idx is still ${input.ring.avail.idx}`;
    return say([clause(has, 'num_added', 'avail.idx')], wait(DEVICE, DRIVER), 'added');
  }
  if (building) {
    return say(
      [clause(`the driver is building a chain`, 'desc'), clause('nothing is exposed', 'avail.idx', 'used.idx')],
      wait(DEVICE, DRIVER),
      'building',
    );
  }
  if (receive) {
    return say(
      [clause('no receive buffer is posted: the device has nowhere to put a frame', 'avail.idx', 'used.idx')],
      wait(DEVICE, { name: 'a buffer', side: 'driver' }),
    );
  }
  const waits = wait(DEVICE, KICK);
  if (input.counters?.added === 0)
    return say([clause('the driver has added nothing yet: the device waits for its first kick', 'avail.idx')], waits);
  const cpu = vcpuOf(input);
  const driver =
    cpu === undefined || cpu.context === 'idle'
      ? 'the driver has nothing to send'
      : `the driver runs in ${cpu.context} context`;
  return say(
    [
      clause('nothing is outstanding: the device waits for a kick', 'avail.idx', 'used.idx'),
      clause(driver, ...(cpu ? [cpu.name] : [])),
    ],
    waits,
  );
}

/** What else is worth knowing, unless the sentence says it already. */
function tail(input: DiagnosisInput, facts: QueueFacts, covers: readonly Topic[]): Clauses {
  const more: Clause[] = [];
  if (facts.full) more.push(clause('the ring is full', 'num_free'));
  if (facts.added > 0 && !covers.includes('added')) {
    const added = `${count(facts.added, 'buffer')} ${verb(facts.added, 'is', 'are')} added and not exposed`;
    more.push(clause(added, 'num_added', 'avail.idx'));
  }
  if (facts.building && !covers.includes('building')) more.push(clause('another chain is being built', 'desc'));
  const unread = facts.unread ?? 0;
  if (unread > 0 && !covers.includes('unread')) {
    more.push(clause(`${usedBuffers(unread)} ${verb(unread, 'waits', 'wait')} for the driver`, ...UNREAD));
  }
  if (!input.ring.name.startsWith('tx')) return more;
  if (input.netdev.queueStopped) {
    const stopped = `the TX queue is stopped with ${count(input.netdev.qdiscLength, 'skb')} in the qdisc`;
    more.push(clause(stopped, 'interface'));
  }
  const parked = input.skbs?.filter((skb) => skb.place === 'parked' && skb.direction === 'tx') ?? [];
  if (parked.length > 0) {
    const ids = parked.map((skb) => skb.id);
    const are = `skb ${ids.join(', ')} ${verb(parked.length, 'is', 'are')} with the driver, not in the ring`;
    more.push(clause(are, ...ids.map((id) => `skb ${id}`)));
  }
  return more;
}
