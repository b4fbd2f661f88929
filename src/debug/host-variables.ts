// The variables of a host thread as a client sees them: those of a frame of its model, its state, and what it does next. Only to be read.
import type { DebugProtocol } from '@vscode/debugprotocol';
import {
  compileHostExpression,
  showHostValue,
  type HostFrame,
  type HostScope,
  type HostValue,
  type HostValues,
  type Thread,
} from '../machine';
import { messageOf, RequestError } from './errors';

export type HostThread = Extract<Thread, { kind: 'host' }>;

/** What names mean in a frame of a host thread; for the thread itself without a frame. */
export function hostScope({ state, action = {} }: HostThread, frame?: HostFrame): HostScope {
  return { locals: frame?.locals ?? {}, state, action };
}

/**
 * The members of a value as variables.
 * @param path the expression that stands for the value; undefined where members are names of their own
 * @param refer gives a reference to a value's own members
 */
export function hostMembers(
  values: HostValues | readonly HostValue[],
  path: string | undefined,
  refer: (values: HostValues | readonly HostValue[], path: string) => number,
): DebugProtocol.Variable[] {
  const list = Array.isArray(values);
  return Object.entries(values as HostValues).map(([name, value]) => {
    const evaluateName = path === undefined ? name : list ? `${path}[${name}]` : `${path}.${name}`;
    return { name, evaluateName, ...hostResult(value, evaluateName, refer) };
  });
}

/** Value, type and reference: what a variable and the result of an expression have in common. */
export function hostResult(
  value: HostValue,
  path: string,
  refer: (values: HostValues | readonly HostValue[], path: string) => number,
): Pick<DebugProtocol.Variable, 'value' | 'type' | 'variablesReference' | 'presentationHint'> {
  const inner = value !== null && typeof value === 'object' && Object.keys(value).length > 0;
  return {
    value: typeof value === 'string' ? JSON.stringify(value) : showHostValue(value),
    type: value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value,
    variablesReference: inner ? refer(value, path) : 0,
    presentationHint: { attributes: ['readOnly'] },
  };
}

/** Whether an expression is one over a host's variables: a watch may be one over the driver's globals, and stays it. */
export function isOfHost(text: string, scope: HostScope): boolean {
  const name = /^[\s(!~+-]*([A-Za-z_$][\w$]*)/.exec(text)?.[1];
  return name === undefined || namesOf(scope).includes(name);
}

/** @throws RequestError for a text that is no expression here, or asks for a member of nothing */
export function evaluateHost(text: string, scope: HostScope): HostValue {
  const names = namesOf(scope);
  try {
    return compileHostExpression(text, (name) => names.includes(name))(scope);
  } catch (error) {
    throw new RequestError(messageOf(error));
  }
}

/** The names that mean something in a scope. */
export const namesOf = ({ locals, state }: HostScope): string[] => [
  ...new Set([...Object.keys(locals), ...Object.keys(state), 'state', 'action']),
];

/** What stands before the cursor: a value whose member is wanted, and the name begun. */
const BEFORE = /(?:([A-Za-z_$][\w$.[\]]*)\.)?([A-Za-z_$][\w$]*)?$/;

/** Completes the text up to `column` (1-based). */
export function hostCompletions(text: string, column: number, scope: HostScope): DebugProtocol.CompletionItem[] {
  const before = text.slice(0, column - 1);
  const [, base, begun = ''] = BEFORE.exec(before) ?? [];
  const names = base === undefined ? namesOf(scope) : membersOf(base, scope);
  return names
    .filter((name) => name.startsWith(begun))
    .map((label) => ({
      label,
      type: base === undefined ? 'variable' : 'field',
      start: before.length - begun.length,
      length: begun.length,
    }));
}

function membersOf(base: string, scope: HostScope): string[] {
  try {
    const value = evaluateHost(base, scope);
    return value !== null && typeof value === 'object' ? Object.keys(value) : [];
  } catch {
    // half an expression is not an error while it is typed
    return [];
  }
}
