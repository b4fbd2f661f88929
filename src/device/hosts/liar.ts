// A host that lies in the used ring, now and then and reproducibly: for trying what a driver checks and what it believes.
//
// Each line that yields is one step that a user can see and stop at.
import { INDIRECT_DESC, NOTIFY_ON_EMPTY } from '../features';
import { receiveHeader } from './ring-words';
import type {
  ArrivedFrame,
  DeviceFacts,
  HostAction,
  HostGenerator,
  HostModel,
  HostState,
  HostThreadModel,
  TakenChain,
  Wake,
} from '../host';

/** What it can say that is not so, by the number of parameter `lie`. */
const LIES = [
  /** used id beyond the ring: BAD_RING "id %u out of range" in Linux */
  'idOutOfRange',
  /** used id of a descriptor that is no head in flight: BAD_RING "id %u is not a head!" */
  'idNotAHead',
  /** the same chain used twice */
  'usedTwice',
  /** used.idx moves further than entries were written */
  'indexJumps',
  /** used.idx goes back */
  'indexGoesBack',
  /** a length of more bytes than the buffer has */
  'tooLong',
  /** a length that does not even hold the header */
  'tooShort',
] as const;
type Lie = (typeof LIES)[number];

type Liar = {
  last_avail: number;
  used: number;
  /** state of the linear congruential generator */
  seed: number;
  /** completions until the next lie */
  honest: number;
  lies: number;
};

type Step<T> = Generator<HostAction, T, unknown>;

const u16 = (n: number): number => n & 0xffff;

/** A number in 0..below-1 (Numerical Recipes' LCG; its high bits, which are the better ones). */
function random(n: Liar, below: number): number {
  n.seed = (Math.imul(n.seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((n.seed / 2 ** 32) * below);
}

/** Completes a chain, truthfully or not, and interrupts. */
function* complete(n: Liar, queue: string, chain: TakenChain, len: number, size: number, options: Options): Step<void> {
  const lie = n.honest-- > 0 ? undefined : pick(n, options);
  if (lie !== undefined) n.honest = options.honest;
  const head = lieAboutId(n, lie, chain.head, size);
  const said = lie === 'tooLong' ? len + 4096 + random(n, 65536) : lie === 'tooShort' ? random(n, 10) : len;
  yield { do: 'use', queue, index: n.used, head, len: said };
  n.used = u16(n.used + 1);
  if (lie === 'usedTwice') {
    yield { do: 'use', queue, index: n.used, head, len: said };
    n.used = u16(n.used + 1);
  }
  if (lie === 'indexJumps') n.used = u16(n.used + 1 + random(n, 2 * size));
  if (lie === 'indexGoesBack') n.used = u16(n.used - 2 - random(n, size));
  yield { do: 'setUsedIdx', queue, idx: n.used };
  yield { do: 'interrupt', queue };
}

function pick(n: Liar, options: Options): Lie | undefined {
  n.lies++;
  return LIES[options.lie === 0 ? random(n, LIES.length) : options.lie - 1];
}

function lieAboutId(n: Liar, lie: Lie | undefined, head: number, size: number): number {
  if (lie === 'idOutOfRange') return size + random(n, 65536);
  // Its own successor: inside the chain, or free; a head only if the driver lays out chains of one.
  if (lie === 'idNotAHead') return (head + 1) % size;
  return head;
}

interface Options {
  readonly seed: number;
  readonly honest: number;
  readonly lie: number;
}

/** `salt` tells the threads apart: they lie independently of each other. */
const fresh = (options: Options, salt: number): Liar => ({
  last_avail: 0,
  used: 0,
  // Knuth's multiplicative hash: neighbouring seeds begin far apart.
  seed: Math.imul(2 * options.seed + salt, 0x9e3779b1) >>> 0,
  honest: options.honest,
  lies: 0,
});

const txThread = (options: Options): HostThreadModel => ({
  name: 'liar TX thread',
  initial: fresh(options, 0),
  *run(state: HostState, facts: DeviceFacts): HostGenerator {
    const n = state as Liar;
    const size = facts.queueSize['tx'] ?? 0;
    for (;;) {
      yield { do: 'rest', for: [{ on: 'kick', queue: 'tx' }], text: 'a kick on tx' };
      while (((yield { do: 'readAvailIdx', queue: 'tx' }) as number) !== n.last_avail) {
        const chain = (yield { do: 'take', queue: 'tx', index: n.last_avail }) as TakenChain;
        n.last_avail = u16(n.last_avail + 1);
        yield { do: 'send', queue: 'tx', chain, skip: facts.headerLength };
        yield* complete(n, 'tx', chain, 0, size, options);
      }
    }
  },
});

const rxThread = (options: Options): HostThreadModel => ({
  name: 'liar RX thread',
  initial: fresh(options, 1),
  *run(state: HostState, facts: DeviceFacts): HostGenerator {
    const n = state as Liar;
    const size = facts.queueSize['rx'] ?? 0;
    const header = receiveHeader(facts, 1);
    for (;;) {
      const wake = (yield {
        do: 'rest',
        for: [{ on: 'frame' }, { on: 'kick', queue: 'rx' }],
        text: 'a frame, or a kick on rx',
      }) as Wake;
      if (wake.on === 'kick') {
        yield { do: 'pollTap', poll: true };
        continue;
      }
      if (size === 0 || ((yield { do: 'readAvailIdx', queue: 'rx' }) as number) === n.last_avail) {
        yield { do: 'pollTap', poll: false };
        continue;
      }
      const frame = (yield { do: 'nextFrame' }) as ArrivedFrame | undefined;
      if (frame === undefined) continue;
      const chain = (yield { do: 'take', queue: 'rx', index: n.last_avail }) as TakenChain;
      n.last_avail = u16(n.last_avail + 1);
      const len = (yield { do: 'fill', queue: 'rx', chain, header, offset: 0, length: frame.length }) as number;
      yield* complete(n, 'rx', chain, len, size, options);
    }
  },
});

export const liar: HostModel = {
  name: 'liar',
  title: 'A lying device: wrong used ids, lengths and indices, seeded',
  parameters: {
    seed: { default: 1, description: 'start of the sequence of lies; the same seed tells the same lies' },
    honest: { default: 3, description: 'true completions on each queue between two lies' },
    lie: {
      default: 0,
      description: `0: any of them; else only this one: ${LIES.map((name, i) => `${i + 1} ${name}`).join(', ')}`,
    },
  },
  kick: 'eventfd',
  features: NOTIFY_ON_EMPTY,
  optional: INDIRECT_DESC,
  threads: (parameters) => {
    const number = (name: string): number => Number(parameters[name] ?? 0);
    const options = { seed: number('seed') >>> 0, honest: number('honest'), lie: Math.min(number('lie'), LIES.length) };
    return [txThread(options), rxThread(options)];
  },
};
