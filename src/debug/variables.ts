// Scopes and variables: containers by reference, paging, hexadecimal, and what may be set.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { FrameRef, Variable } from '../guest';
import type { HostValue, HostValues } from '../machine';
import { RequestError } from './errors';
import type { Inspection } from '../guest';
import { hostMembers, hostResult, hostScope } from './host-variables';
import type { StackRef } from './stack';

type Container =
  | { readonly kind: 'locals'; readonly frame: FrameRef }
  | { readonly kind: 'statics'; readonly frame: FrameRef }
  | { readonly kind: 'globals' }
  | { readonly kind: 'host'; readonly values: HostValues | readonly HostValue[]; readonly path?: string }
  | { readonly kind: 'children'; readonly of: Variable; readonly frame?: FrameRef };

/** A variable found by name in a container, and the frame in which its expression holds. */
export interface Found {
  readonly variable: Variable;
  readonly frame?: FrameRef;
}

export class Variables {
  /** references of earlier stops are never given again */
  private nextReference = 1;
  private readonly containers = new Map<number, Container>();

  constructor(private readonly inspector: Inspection) {}

  /** Forgets all references: the machine goes on. */
  clear(): void {
    this.containers.clear();
  }

  scopes(ref: StackRef): DebugProtocol.Scope[] {
    switch (ref.kind) {
      case 'label':
        return [];
      case 'host': {
        const { locals, state, action } = hostScope(ref.thread, ref.frame);
        const scope = (name: string, values: HostValues, path?: string, presentationHint?: string) =>
          Object.keys(values).length === 0
            ? []
            : [
                {
                  name,
                  presentationHint,
                  variablesReference: this.refer({ kind: 'host', values, path }),
                  expensive: false,
                },
              ];
        return [
          scope('Locals', locals, undefined, 'locals'),
          scope('State', state),
          scope('Next Action', action, 'action'),
        ].flat();
      }
      case 'driver': {
        const statics = this.inspector.statics(ref.frame);
        return [
          {
            name: 'Locals',
            presentationHint: 'locals',
            variablesReference: this.refer({ kind: 'locals', frame: ref.frame }),
            expensive: false,
          },
          ...(statics.length === 0
            ? []
            : [
                {
                  name: 'Statics',
                  variablesReference: this.refer({ kind: 'statics', frame: ref.frame }),
                  expensive: false,
                },
              ]),
          {
            name: 'Globals',
            presentationHint: 'globals',
            variablesReference: this.refer({ kind: 'globals' }),
            expensive: true,
          },
        ];
      }
    }
  }

  /** One page of a container. @throws RequestError when the reference is not of this stop */
  list(args: DebugProtocol.VariablesArguments): DebugProtocol.Variable[] {
    const container = this.container(args.variablesReference);
    const asHex = args.format?.hex === true;
    if (container.kind === 'host') {
      const members = hostMembers(container.values, container.path, (values, path) => this.referHost(values, path));
      return page(members, { ...args, filter: undefined });
    }
    const frame = 'frame' in container ? container.frame : undefined;
    return this.members(container, args).map((v) => this.present(v, frame, asHex));
  }

  /** A variable of a container by name. @throws RequestError when there is none, or when it is a host's */
  find(reference: number, name: string): Found {
    const container = this.container(reference);
    if (container.kind === 'host')
      throw new RequestError('The variables of a host thread are the device’s own: they can only be read.', {
        showUser: true,
      });
    const frame = 'frame' in container ? container.frame : undefined;
    const variable = this.member(container, name);
    if (variable === undefined) throw new RequestError(`There is no variable "${name}" here.`);
    return { variable, frame };
  }

  /** A variable as the client gets it. @param frame where its expression holds */
  present(variable: Variable, frame: FrameRef | undefined, asHex: boolean): DebugProtocol.Variable {
    const { name, type, evaluateName, memoryReference, settable } = variable;
    return {
      name,
      type,
      evaluateName,
      memoryReference,
      ...this.result(variable, frame, asHex),
      presentationHint: settable ? undefined : { attributes: ['readOnly'] },
    };
  }

  /** Value, reference and numbers of children: what a variable and the result of an expression have in common. */
  result(variable: Variable, frame: FrameRef | undefined, asHex: boolean) {
    const { namedCount, indexedCount } = variable;
    const leaf = namedCount === 0 && indexedCount === 0;
    return {
      value: asHex ? hexText(variable.value, variable.size) : variable.value,
      variablesReference: leaf ? 0 : this.refer({ kind: 'children', of: variable, frame }),
      namedVariables: leaf ? undefined : namedCount,
      indexedVariables: leaf ? undefined : indexedCount,
    };
  }

  /** The result of an expression over a host's variables. @param path the expression */
  hostResult(value: HostValue, path: string) {
    return hostResult(value, path, (values, of) => this.referHost(values, of));
  }

  private referHost(values: HostValues | readonly HostValue[], path: string): number {
    return this.refer({ kind: 'host', values, path });
  }

  private refer(container: Container): number {
    const reference = this.nextReference++;
    this.containers.set(reference, container);
    return reference;
  }

  private container(reference: number): Container {
    const container = this.containers.get(reference);
    if (container === undefined)
      throw new RequestError(`There are no variables under ${reference}: the machine has moved on since.`);
    return container;
  }

  private members(
    container: Exclude<Container, { kind: 'host' }>,
    args: Pick<DebugProtocol.VariablesArguments, 'filter' | 'start' | 'count'>,
  ): readonly Variable[] {
    if (container.kind === 'locals') return page(this.inspector.locals(container.frame), args);
    if (container.kind === 'statics') return page(this.inspector.statics(container.frame), args);
    if (container.kind === 'globals') return page(this.inspector.globals(), args);
    const { namedCount, indexedCount } = container.of;
    const start = args.start ?? 0;
    if (args.filter === 'named') return page(named(container.of), { ...args, filter: undefined });
    if (args.filter === 'indexed')
      return indexed(container.of, start, Math.min(args.count || indexedCount, indexedCount - start));
    if (args.start === undefined && args.count === undefined) return container.of.children();
    return page([...named(container.of), ...indexed(container.of, 0, indexedCount)], {
      start,
      count: args.count || namedCount + indexedCount,
    });
  }

  private member(container: Exclude<Container, { kind: 'host' }>, name: string): Variable | undefined {
    const index = /^\[(\d+)\]$/.exec(name);
    // an element of a large array is fetched alone
    if (container.kind === 'children' && index !== null && container.of.indexedCount > 0) {
      const at = Number(index[1]);
      if (at < container.of.indexedCount) {
        const [element] = indexed(container.of, at, 1);
        if (element?.name === name) return element;
      }
    }
    return this.members(container, {}).find((v) => v.name === name);
  }
}

function named(variable: Variable): readonly Variable[] {
  return variable.namedCount === 0 ? [] : variable.children(0, 0).slice(0, variable.namedCount);
}

function indexed(variable: Variable, start: number, count: number): readonly Variable[] {
  return count <= 0 ? [] : variable.children(start, count).slice(variable.namedCount);
}

/** A scope has named children only. */
function page<T>(all: readonly T[], args: Pick<DebugProtocol.VariablesArguments, 'filter' | 'start' | 'count'>): T[] {
  if (args.filter === 'indexed') return [];
  const start = args.start ?? 0;
  return all.slice(start, args.count ? start + args.count : undefined);
}

/**
 * An integer's text in hexadecimal, as two's complement of its size; anything else as it is.
 * @param size bytes
 */
export function hexText(value: string, size: number | undefined): string {
  // digits before a point or an exponent are a float's, before an x a pointer's
  const match = /^(-?\d+)(?![\d.eExX])(.*)$/s.exec(value);
  if (match === null) return value;
  const number = BigInt(match[1] ?? '0');
  if (number < 0n && size === undefined) return value;
  return `0x${BigInt.asUintN((size ?? 8) * 8, number).toString(16)}${match[2]}`;
}
