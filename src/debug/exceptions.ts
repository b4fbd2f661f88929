// Event breakpoints: exception filters, their conditions, and what exceptionInfo tells of a stop.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { EventBreakpoint, EventKind, Finding, MachineHandle, StopState } from '../machine';
import type { Program } from '../toolchain';
import { RequestError } from './errors';
import type { Ids } from './ids';
import { eventDetail, eventTitle } from './words';

interface Filter {
  readonly filter: string;
  readonly label: string;
  readonly description: string;
  readonly what: readonly EventKind[];
  /** over the event's fields; a user's condition is added to it */
  readonly only?: string;
  readonly default?: boolean;
}

const FILTERS: readonly Filter[] = [
  {
    filter: 'kick',
    label: 'Kick',
    description: 'The driver notifies the device: QueueNotify is written.',
    what: ['kick'],
  },
  {
    filter: 'kickSuppressed',
    label: 'Kick suppressed',
    description: 'The driver has exposed buffers, looked at used.flags or avail_event, and did not notify.',
    what: ['kickSuppressed'],
  },
  { filter: 'interrupt', label: 'Interrupt', description: 'The device raises its interrupt.', what: ['interrupt'] },
  {
    filter: 'queueStop',
    label: 'Queue stopped',
    description: 'The driver stops its transmit queue: netif_stop_queue().',
    what: ['queueStop'],
  },
  {
    filter: 'badRing',
    label: 'BAD_RING',
    description: 'The driver found the ring inconsistent, and gives the queue up.',
    what: ['finding'],
    only: 'kind == "bad-ring"',
    default: true,
  },
  {
    filter: 'warn',
    label: 'WARN',
    description: 'WARN_ON() or WARN() in the driver.',
    what: ['finding'],
    only: 'kind == "warn"',
    default: true,
  },
  {
    filter: 'stall',
    label: 'Stall',
    description:
      'Nothing is due any more, and something is stuck: a kick or an interrupt that never came, a stopped queue … It stops before the driver is removed.',
    what: ['finding'],
    only: 'kind == "stall"',
    default: true,
  },
  {
    filter: 'finding',
    label: 'Finding',
    description: 'Anything the lab finds wrong: leaks, double frees, bad addresses, stalls …',
    what: ['finding'],
  },
  {
    filter: 'trap',
    label: 'Trap',
    description: 'The driver traps: NULL dereference, wild store, BUG(), stack overflow, deadlock, endless loop.',
    what: ['trap'],
    default: true,
  },
];

/** The filters as capabilities list them. */
export const EXCEPTION_FILTERS: DebugProtocol.ExceptionBreakpointsFilter[] = FILTERS.map((f) => ({
  filter: f.filter,
  label: f.label,
  description: f.description,
  default: f.default ?? false,
  supportsCondition: true,
  conditionDescription: 'Over the event’s fields, e.g. queue == "tx"',
}));

interface Wanted {
  readonly id: number;
  readonly name: string;
  readonly condition?: string;
}

export class EventBreakpoints {
  private wanted: readonly Wanted[] = [];
  private target: MachineHandle | undefined;

  constructor(private readonly ids: Ids) {}

  /** Replaces all filters; those with options may carry a condition. */
  async set(args: DebugProtocol.SetExceptionBreakpointsArguments): Promise<DebugProtocol.Breakpoint[]> {
    const plain = (args.filters ?? []).map((filterId) => ({ filterId, condition: undefined }));
    // clients send `filters: []` along with options; the answer's order is filters first (DAP)
    this.wanted = [...plain, ...(args.filterOptions ?? [])].map(({ filterId, condition }) => ({
      id: this.ids.of(`event ${filterId}`),
      name: filterId,
      condition: condition || undefined,
    }));
    return this.arm();
  }

  /** Arms the filters in a machine: after a launch or a restart. */
  bind(machine: MachineHandle): Promise<DebugProtocol.Breakpoint[]> {
    this.target = machine;
    return this.arm();
  }

  /** DAP ids of the filters named by a stop. */
  idsOf(names: readonly string[]): number[] {
    return this.wanted.filter((w) => names.includes(w.name)).map((w) => w.id);
  }

  private async arm(): Promise<DebugProtocol.Breakpoint[]> {
    const known = this.wanted.flatMap(({ name, condition }): EventBreakpoint[] => {
      const filter = FILTERS.find((f) => f.filter === name);
      return filter === undefined ? [] : [{ id: name, what: filter.what, condition: both(filter.only, condition) }];
    });
    const answers = (await this.target?.setEventBreakpoints(known)) ?? [];
    return this.wanted.map(({ id, name }) => {
      const index = known.findIndex((k) => k.id === name);
      const message =
        index < 0
          ? `there is no filter "${name}"; there are ${FILTERS.map((f) => f.filter).join(', ')}`
          : answers[index];
      return message === undefined ? { id, verified: true } : { id, verified: false, message };
    });
  }
}

function both(only: string | undefined, condition: string | undefined): string | undefined {
  if (only === undefined || condition === undefined) return only ?? condition;
  return `${only} && (${condition})`;
}

/**
 * What the client shows of a stop at an event or a trap: the finding that it is about, where there is one.
 * @throws RequestError when the machine stopped for another reason
 */
export function exceptionInfo(state: StopState, program: Program): DebugProtocol.ExceptionInfoResponse['body'] {
  const { reason, findings } = state;
  if (reason.kind === 'event') {
    const { event } = reason;
    const isFinding = event.what === 'finding' || event.what === 'trap';
    const finding = isFinding ? (findings.find((f) => f.id === event.detail.id) ?? findings.at(-1)) : undefined;
    return {
      exceptionId: eventTitle(event),
      description: finding?.text ?? eventDetail(event),
      breakMode: 'always',
      details: { typeName: event.what, message: eventDetail(event), stackTrace: places(finding, program) },
    };
  }
  if (reason.kind === 'end' && reason.how === 'trap')
    return {
      exceptionId: 'trap',
      description: reason.text,
      breakMode: 'unhandled',
      details: { typeName: 'trap', message: reason.text, stackTrace: places(findings.at(-1), program) },
    };
  throw new RequestError('The machine did not stop at an event.');
}

/** Where it is, and the places that belong to it: where it was allocated, who holds the lock. */
function places(finding: Finding | undefined, program: Program): string | undefined {
  if (finding === undefined) return undefined;
  const related = (finding.related ?? []).map(({ text, site }) => {
    const at = site === undefined ? undefined : program.sites[site];
    return at === undefined ? text : `${text}: ${program.files[at.file]?.path}:${at.line}`;
  });
  const lines = [...(finding.where === undefined ? [] : [`at ${finding.where}`]), ...related];
  return lines.length > 0 ? lines.join('\n') : undefined;
}
