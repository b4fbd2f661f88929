// What shapes cannot say of a scenario: rules between fields, and names that other rooms know. Pure.
import {
  ANY_LAYOUT,
  FeatureError,
  hostModel,
  NET_DEVICE_FEATURES,
  NOTIFY_ON_EMPTY,
  parseFeatures,
  VERSION_1,
  type HostModel,
} from '../device';
import type { RuleProblem } from './document';
import { isReportPath } from './expect';
import type { Scenario } from './types';

/** What has a meaning in the legacy interface only (spec 6.3). */
const LEGACY_ONLY = NOTIFY_ON_EMPTY | ANY_LAYOUT;
/** The device keeps guest-physical addresses in doubles; RAM is 16 MiB above the offset. */
const MAX_OFFSET = 2n ** 53n - 2n ** 24n;

const MAX_PAGE_OFFSET = 2n ** 44n - 2n ** 24n;

/**
 * Every rule that a scenario breaks.
 * @param sound whether a top-level field has its shape: a rule over others is not asked
 */
export function ruleProblems(
  scenario: Scenario,
  sound: (field: keyof Scenario) => boolean = () => true,
): readonly RuleProblem[] {
  return [
    ...(sound('device') ? [...transportProblems(scenario), ...featureProblems(scenario)] : []),
    ...(sound('device') && sound('physOffset') ? pageNumberProblems(scenario) : []),
    ...(sound('physOffset') ? offsetProblems(scenario) : []),
    ...(sound('traffic') && sound('limitNs') ? trafficProblems(scenario) : []),
    ...(sound('expect') ? expectProblems(scenario) : []),
  ];
}

/** Feature bits that a device of this version with this host can offer. */
export function possibleFeatures(version: 1 | 2, host: HostModel): bigint {
  const all = NET_DEVICE_FEATURES | host.features | host.optional;
  return version === 1 ? all & ~VERSION_1 : all & ~LEGACY_ONLY;
}

/**
 * The features that a scenario's device offers.
 * @throws FeatureError
 */
export function featuresOf({ version, features, host }: Scenario['device']): bigint {
  const chosen = parseFeatures(features, possibleFeatures(version, hostModel(host.model)));
  return version === 2 ? chosen | VERSION_1 : chosen;
}

function transportProblems({ device: { transport, version } }: Scenario): RuleProblem[] {
  if (transport === 'mmio' || version === 1) return [];
  const what = transport === 'pci' ? 'virtio-pci as of 2009, I/O ports' : 'lguest, which has no other';
  const message = `found ${version}, expected 1: transport ${JSON.stringify(transport)} is the legacy interface (${what})`;
  return [{ path: ['device', 'version'], message }];
}

/** The legacy interfaces tell of a ring by a page number of 32 bits. */
function pageNumberProblems({ device: { transport }, physOffset }: Scenario): RuleProblem[] {
  if (transport === 'mmio' || BigInt(physOffset) <= MAX_PAGE_OFFSET) return [];
  const expected = `at most 0x${MAX_PAGE_OFFSET.toString(16)}: transport ${JSON.stringify(transport)} has page numbers of 32 bits`;
  return [{ path: ['physOffset'], message: `found ${physOffset}, expected ${expected}` }];
}

function featureProblems({ device }: Scenario): RuleProblem[] {
  try {
    featuresOf(device);
    return [];
  } catch (error) {
    if (!(error instanceof FeatureError)) throw error;
    return [{ path: ['device', 'features', error.index], message: error.message }];
  }
}

function offsetProblems({ physOffset }: Scenario): RuleProblem[] {
  const offset = BigInt(physOffset);
  if (offset % 4096n === 0n && offset <= MAX_OFFSET) return [];
  const expected = `a multiple of 0x1000 of at most 0x${MAX_OFFSET.toString(16)}`;
  return [{ path: ['physOffset'], message: `found ${physOffset}, expected ${expected}` }];
}

/** Packets that would never be sent are a slip, and a run without them would look like a driver's fault. */
function trafficProblems({ traffic, limitNs }: Scenario): RuleProblem[] {
  return traffic.flatMap((item, i): RuleProblem[] => {
    const lastNs =
      item.kind === 'tx' || item.kind === 'rx'
        ? item.atNs + Math.floor((item.count - 1) / ((item.kind === 'tx' && item.burst) || 1)) * item.intervalNs
        : item.atNs;
    if (lastNs > limitNs) {
      const which = item.kind === 'ping' || item.kind === 'stream' ? 'first' : 'last';
      const message = `its ${which} packet falls due at ${lastNs} ns, after the end of the run; raise limitNs (${limitNs})`;
      return [{ path: ['traffic', i], message }];
    }
    if (item.kind !== 'stream' || item.window >= item.ackEvery) return [];
    const message = `found ${item.window}, expected at least ackEvery (${item.ackEvery}): no ACK would ever be due`;
    return [{ path: ['traffic', i, 'window'], message }];
  });
}

function expectProblems({ expect }: Scenario): RuleProblem[] {
  return expect.flatMap(({ what, is, value }, i) => {
    const problems: RuleProblem[] = [];
    const known = isReportPath(what);
    if (known !== true) problems.push({ path: ['expect', i, 'what'], message: known });
    if (typeof value === 'string' && is !== '==' && is !== '!=')
      problems.push({ path: ['expect', i, 'value'], message: `found a text, expected a number to compare with ${is}` });
    return problems;
  });
}
