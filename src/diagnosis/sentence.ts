// One sentence a queue: why nothing moves in it, or who has to act next. Derived from what is there, never guessed.
import { hostsOf, queueFacts, setup, vcpuOf, type HostThread, type QueueFacts, type Vcpu } from './facts';
import type { DiagnosisInput } from './input';
import { count, duration, sentence, verb } from './words';

/**
 * Who has to act next on this queue, and what waits for it. One sentence; one before it when something is wrong with the ring's bytes.
 * Time is virtual.
 */
export function queueSentence(input: DiagnosisInput): string {
  const [problem] = input.ring.problems;
  const said = isRingBroken(input) ? '' : ordinary(input);
  return [problem === undefined ? '' : `Problem in the ring: ${problem}.`, said].filter((s) => s !== '').join(' ');
}

/** The indices cannot both be right: nothing that is counted from them means anything. */
const isRingBroken = ({ ring }: DiagnosisInput): boolean =>
  ring.layout.size === 0 ||
  ring.avail.ring.length === 0 ||
  ((ring.avail.idx - ring.used.idx) & 0xffff) > ring.layout.size;

function ordinary(input: DiagnosisInput): string {
  const facts = queueFacts(input);
  const main =
    lifeClause(input, facts) ??
    exitClause(input, facts) ??
    workClause(input, facts) ??
    interruptClause(input, facts) ??
    timerClause(input, facts) ??
    unreadClause(input, facts) ??
    deviceClause(input, facts);
  return sentence(...main.clauses, ...tail(input, facts, main.covers));
}

type Clauses = readonly string[];

/** What the tail need not say again. */
type Topic = 'unread' | 'added' | 'building';

interface Said {
  readonly clauses: Clauses;
  readonly covers: readonly Topic[];
}

const say = (clauses: Clauses, ...covers: readonly Topic[]): Said => ({ clauses, covers });

const exposed = (n: number): string => count(n, 'exposed buffer');
const posted = (n: number): string => count(n, 'empty buffer');
const usedBuffers = (n: number): string => count(n, 'used buffer');

/** Set-up, failure, death: nothing else matters then. */
function lifeClause(input: DiagnosisInput, facts: QueueFacts): Said | undefined {
  const waiting = facts.untaken + facts.taken;
  const outstanding = waiting > 0 ? [`${count(waiting, 'buffer')} ${verb(waiting, 'is', 'are')} exposed`] : [];
  const hosts = hostsOf(input);
  if (hosts.length > 0 && hosts.every((host) => host.status === 'dead')) {
    return say(['the host has died: the device does nothing any more', ...outstanding]);
  }
  switch (setup(input.device.status)) {
    case 'failed':
      return say(['the driver has given the device up (FAILED is set): nothing moves before a reset', ...outstanding]);
    case 'needs-reset':
      return say(['the device has met an error and asks for a reset (DEVICE_NEEDS_RESET is set)', ...outstanding]);
    case 'setting-up':
      return say(['the driver is still setting the device up (DRIVER_OK is clear)', ...outstanding]);
    case 'driver-ok':
      return undefined;
  }
}

/** The vCPU stands in a synchronous exit. */
function exitClause(input: DiagnosisInput, facts: QueueFacts): Said | undefined {
  const vcpu = vcpuOf(input);
  const host = hostsOf(input).find((h) => h.id === vcpu?.blockedBy);
  if (vcpu === undefined || host === undefined) return undefined;
  return say([
    `${vcpu.name} is inside a VM exit until ${host.name} is done${nextOf(host)}`,
    ...held(facts),
    ...((facts.unread ?? 0) > 0 ? [`nothing is reclaimed until it returns`] : []),
  ]);
}

/** A host thread acts, or is on its way to. */
function workClause(input: DiagnosisInput, facts: QueueFacts): Said | undefined {
  const hosts = hostsOf(input);
  const acting = hosts.find((h) => h.status === 'running') ?? hosts.find((h) => h.status === 'ready');
  if (acting !== undefined) return say([`${acting.name} is at work${nextOf(acting)}`, ...held(facts)]);
  const busy = hosts.find((h) => h.status === 'sleeping');
  if (busy === undefined) return undefined;
  const left = busy.wakeNs === undefined ? '' : ` for another ${duration(Math.max(0, busy.wakeNs - input.timeNs))}`;
  return say([`${busy.name} is busy${left}${busy.waitsFor === '' ? '' : ` (${busy.waitsFor})`}`, ...held(facts)]);
}

const nextOf = (host: HostThread): string =>
  host.next === undefined || host.next === '' ? '' : ` (next: ${host.next})`;

function held({ taken, untaken, receive }: QueueFacts): Clauses {
  const waits = receive
    ? `${posted(untaken)} ${verb(untaken, 'is', 'are')} posted`
    : `${exposed(untaken)} ${verb(untaken, 'waits', 'wait')}`;
  return [...(taken > 0 ? [`the device holds ${count(taken, 'buffer')}`] : []), ...(untaken > 0 ? [waits] : [])];
}

/** The interrupt is raised and the vCPU has not taken it. */
function interruptClause(input: DiagnosisInput, facts: QueueFacts): Said | undefined {
  const vcpu = vcpuOf(input);
  // One interrupt serves all queues: it is about this one only if something was used here.
  const used = facts.unread ?? facts.usedChains;
  if (!input.device.irqPending || vcpu === undefined || used === 0) return undefined;
  return say([`the device has used ${count(used, 'buffer')} and raised its interrupt`, delivery(vcpu)], 'unread');
}

function delivery(vcpu: Vcpu): string {
  if (vcpu.context === 'hardirq') return `${vcpu.name} is in an interrupt handler already`;
  return vcpu.irqsOff ? `interrupts are masked on ${vcpu.name}` : `${vcpu.name} takes it next`;
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
  const fires = `the host's ${name} fires in ${duration(Math.max(0, timer.dueNs - input.timeNs))}`;
  if (facts.untaken === 0) return say([fires, 'no exposed buffer waits for it']);
  const suppressed = facts.kick.sent ? '' : `${facts.kick.why} and `;
  return say([fires, `until then ${suppressed}${exposed(facts.untaken)} ${verb(facts.untaken, 'waits', 'wait')}`]);
}

/** The driver has not read what the device has used, and no interrupt is on its way. */
function unreadClause(input: DiagnosisInput, facts: QueueFacts): Said | undefined {
  const unread = facts.unread ?? 0;
  const vcpu = vcpuOf(input);
  if (unread === 0 || vcpu === undefined) return undefined;
  const wait = `${usedBuffers(unread)} ${verb(unread, 'waits', 'wait')}`;
  switch (vcpu.context) {
    case 'hardirq':
      return say([`the driver is in its interrupt`, `${wait} to be reclaimed`], 'unread');
    case 'softirq':
      return say([`the driver runs in softirq context`, `${wait} to be reclaimed`], 'unread');
    case 'process':
      return say([`the driver runs`, `${wait} until it looks at the used ring`], 'unread');
    case 'idle':
      return facts.callbacks.sent
        ? say([`${wait} though callbacks are on`, `no interrupt is pending, and ${vcpu.name} is idle`], 'unread')
        : say(
            [`${wait} until the driver looks of its own accord`, `no interrupt is pending: ${facts.callbacks.why}`],
            'unread',
          );
  }
}

/** All threads of the host are at rest, and the used ring is read: what would wake the device? */
function deviceClause(input: DiagnosisInput, facts: QueueFacts): Said {
  const { untaken, taken, receive, kick } = facts;
  if (untaken === 0) return emptyClause(input, facts);
  if (receive) {
    return say([`the device waits for a frame`, `${posted(untaken)} ${verb(untaken, 'is', 'are')} posted`]);
  }
  const buffers = count(untaken, 'buffer');
  const hold = taken > 0 ? [`it holds ${count(taken, 'buffer')}`] : [];
  if (kick.sent) {
    const yet = vcpuOf(input)?.context === 'idle' ? '' : ' yet';
    return say(['the device sleeps', ...hold, kick.why, `the driver has exposed ${buffers} and has not kicked${yet}`]);
  }
  return say([
    'the device sleeps',
    ...hold,
    kick.why,
    `so the driver need not kick, no timer is armed, and ${exposed(untaken)} ${verb(untaken, 'waits', 'wait')}`,
  ]);
}

function emptyClause(input: DiagnosisInput, { taken, added, building, receive }: QueueFacts): Said {
  if (taken > 0)
    return say([`the device holds ${count(taken, 'buffer')} and has not used ${verb(taken, 'it', 'them')}`]);
  if (added > 0) {
    return say(
      [
        `the driver has added ${count(added, 'buffer')} and not exposed ${verb(added, 'it', 'them')}: avail.idx is still ${input.ring.avail.idx}`,
      ],
      'added',
    );
  }
  if (building) return say([`the driver is building a chain`, 'nothing is exposed'], 'building');
  if (receive) return say(['no receive buffer is posted: the device has nowhere to put a frame']);
  if (input.counters?.added === 0)
    return say(['the driver has added nothing yet: the device waits for its first kick']);
  const vcpu = vcpuOf(input);
  const driver =
    vcpu === undefined || vcpu.context === 'idle'
      ? 'the driver has nothing to send'
      : `the driver runs in ${vcpu.context} context`;
  return say(['nothing is outstanding: the device waits for a kick', driver]);
}

/** What else is worth knowing, unless the sentence says it already. */
function tail(input: DiagnosisInput, facts: QueueFacts, covers: readonly Topic[]): Clauses {
  const more: string[] = [];
  if (facts.full) more.push('the ring is full');
  if (facts.added > 0 && !covers.includes('added')) {
    more.push(`${count(facts.added, 'buffer')} ${verb(facts.added, 'is', 'are')} added and not exposed`);
  }
  if (facts.building && !covers.includes('building')) more.push('another chain is being built');
  const unread = facts.unread ?? 0;
  if (unread > 0 && !covers.includes('unread')) {
    more.push(`${usedBuffers(unread)} ${verb(unread, 'waits', 'wait')} for the driver`);
  }
  if (!input.ring.name.startsWith('tx')) return more;
  if (input.netdev.queueStopped)
    more.push(`the TX queue is stopped with ${count(input.netdev.qdiscLength, 'skb')} in the qdisc`);
  const parked = input.skbs?.filter((skb) => skb.place === 'parked' && skb.direction === 'tx') ?? [];
  if (parked.length > 0) {
    more.push(
      `skb ${parked.map((skb) => skb.id).join(', ')} ${verb(parked.length, 'is', 'are')} with the driver, not in the ring`,
    );
  }
  return more;
}
