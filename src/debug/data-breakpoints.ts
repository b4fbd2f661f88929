// Data breakpoints: what can be watched, the client's list and the panel's, and arming them in the machine.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Variable } from '../guest';
import type { DataBreakpoint, MachineHandle } from '../machine';
import { hex, parseAddress, rangeName } from './address';
import { RequestError } from './errors';
import { type Ids, unlike } from './ids';

/** A range of the guest's RAM: guest pointer and bytes. */
export interface Range {
  readonly address: number;
  readonly size: number;
  readonly label: string;
}

interface Wanted {
  readonly id: number;
  readonly range?: Range;
  readonly why?: string;
  readonly condition?: string;
  readonly hitCondition?: string;
}

type Info = DebugProtocol.DataBreakpointInfoResponse['body'];

const WRITES_ONLY = 'only writes can be watched: reads of ordinary memory are not seen by the machine';
const RECOMPILED = 'the driver was compiled anew and its data may lie elsewhere: set this data breakpoint again';

export class DataBreakpoints {
  private client: readonly Wanted[] = [];
  /** set from the ring panel; the client does not know of them */
  private readonly panel = new Map<number, Range>();
  /** until the next stop: where a field changes next */
  private once: { readonly id: number; readonly range: Range } | undefined;
  private target: MachineHandle | undefined;

  constructor(private readonly ids: Ids) {}

  /** Replaces the client's list. */
  async set(list: readonly DebugProtocol.DataBreakpoint[]): Promise<DebugProtocol.Breakpoint[]> {
    const keys = unlike(list.map((b) => `data ${b.dataId}`));
    this.client = list.map((b, i): Wanted => {
      const range = parseDataId(b.dataId);
      const reads = b.accessType !== undefined && b.accessType !== 'write';
      const why = range === undefined ? `"${b.dataId}" names no data` : reads ? WRITES_ONLY : this.outside(range);
      return {
        id: this.ids.of(keys[i] ?? b.dataId),
        range,
        why,
        condition: b.condition || undefined,
        hitCondition: b.hitCondition || undefined,
      };
    });
    return this.describe(await this.arm());
  }

  /** Watches a range for the panel, once. @throws RequestError when it is no RAM */
  async watch(range: Range): Promise<{ readonly id: number; readonly added: boolean }> {
    this.mustBeRam(range);
    const id = this.ids.of(`panel ${range.address}+${range.size}`);
    const added = !this.panel.has(id);
    this.panel.set(id, range);
    await this.arm();
    return { id, added };
  }

  /** Watches a range until `endOnce`. @throws RequestError when it is no RAM */
  async watchOnce(range: Range): Promise<void> {
    this.mustBeRam(range);
    this.once = { id: this.ids.of(`once ${range.address}+${range.size}`), range };
    await this.arm();
  }

  /** To be called before the machine goes on for another reason. */
  async endOnce(): Promise<void> {
    if (this.once === undefined) return;
    this.once = undefined;
    await this.arm();
  }

  /** @throws RequestError when a range is not RAM, all of it */
  mustBeRam(range: Range): void {
    const why = this.outside(range);
    if (why !== undefined) throw new RequestError(`Cannot watch ${range.label}: ${why}.`, { showUser: true });
  }

  /** Ends what `watch` began; all of it without an id. */
  async unwatch(id?: number): Promise<void> {
    if (id === undefined) this.panel.clear();
    else this.panel.delete(id);
    await this.arm();
  }

  /**
   * Arms everything in a machine: after a launch or a restart. Returns the client's breakpoints as they now are.
   * After a compilation that changed the program, addresses mean nothing any more: what was set on them is given up.
   */
  async bind(machine: MachineHandle): Promise<DebugProtocol.Breakpoint[]> {
    const before = this.target?.program.hash;
    this.target = machine;
    this.once = undefined;
    if (before !== undefined && before !== machine.program.hash) {
      this.panel.clear();
      this.client = this.client.map((w) => ({ ...w, why: w.why ?? RECOMPILED }));
    }
    return this.describe(await this.arm());
  }

  /** What a breakpoint watches, in words. */
  label(id: number): string | undefined {
    if (id === this.once?.id) return this.once.range.label;
    return this.panel.get(id)?.label ?? this.client.find((w) => w.id === id)?.range?.label;
  }

  /** The answer to "can this variable be watched?" @param bytes watch this many from its address on */
  forVariable(variable: Variable, bytes?: number): Info {
    const label = variable.evaluateName ?? variable.name;
    const { address } = variable;
    const size = bytes ?? variable.size;
    if (address === undefined || size === undefined || size === 0)
      return { dataId: null, description: `${label} is a value, not a place in memory` };
    return this.forRange({ address, size, label });
  }

  /** The answer to "can this address be watched?" @param text decimal, or hex with 0x */
  forAddress(text: string, bytes = 1): Info {
    const address = parseAddress(text);
    if (address === undefined)
      return { dataId: null, description: `"${text}" is no address: expected a decimal number, or 0x and hex digits` };
    return this.forRange({ address, size: bytes, label: rangeName(address, bytes) });
  }

  private forRange(range: Range): Info {
    const why = this.outside(range);
    if (why !== undefined) return { dataId: null, description: `${range.label}: ${why}` };
    // an address holds for this run of this program only
    return { dataId: dataId(range), description: range.label, accessTypes: ['write'], canPersist: false };
  }

  private outside({ address, size }: Range): string | undefined {
    const end = this.target?.ram.length;
    if (end === undefined) return 'the machine has not started';
    if (!Number.isInteger(size) || size < 1) return `a size of ${size} bytes cannot be watched`;
    return Number.isInteger(address) && address >= 0 && address + size <= end
      ? undefined
      : `${hex(address)}..${hex(address + size)} is outside RAM, which ends at ${hex(end)}`;
  }

  private async arm(): Promise<ReadonlyMap<number, string>> {
    const client = this.client.flatMap(({ id, range, why, condition, hitCondition }): DataBreakpoint[] =>
      range === undefined || why !== undefined ? [] : [{ id, ...range, condition, hitCondition }],
    );
    const panel = [...this.panel].map(([id, range]): DataBreakpoint => ({ id, ...range }));
    const once = this.once === undefined ? [] : [{ id: this.once.id, ...this.once.range }];
    const armed = [...client, ...panel, ...once];
    const answers = (await this.target?.setDataBreakpoints(armed)) ?? [];
    return new Map(armed.flatMap(({ id }, i) => (answers[i] === undefined ? [] : [[id, answers[i]]])));
  }

  private describe(errors: ReadonlyMap<number, string>): DebugProtocol.Breakpoint[] {
    return this.client.map(({ id, why, range }) => {
      const message = why ?? errors.get(id);
      return message === undefined
        ? { id, verified: true, message: range?.label }
        : { id, verified: false, reason: 'failed', message };
    });
  }
}

/** A data id carries its range, so that it needs no memory on this side: `0x1f2c+2 avail.idx`. */
function dataId({ address, size, label }: Range): string {
  return `${hex(address)}+${size} ${label}`;
}

function parseDataId(text: string): Range | undefined {
  const match = /^(0x[0-9a-f]+)\+(\d+) (.*)$/s.exec(text);
  return match === null ? undefined : { address: Number(match[1]), size: Number(match[2]), label: match[3] ?? '' };
}
