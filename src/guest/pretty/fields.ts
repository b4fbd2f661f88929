// Reads members of a struct by name, for formatters: absent members and unreadable memory give undefined, never a guess.
import type { StructType } from '../../toolchain';
import { readScalar } from '../scalar';
import { asScalar, findMember } from '../types';
import { memberOf, show, type FormatSubject } from '../values';
import { makeVariable, type Variable } from '../variable';

/** A scalar member as a number: an unsigned value or an address. */
export function field(memory: Uint8Array, aggregate: StructType, address: number, name: string): number | undefined {
  const member = findMember(aggregate, name);
  const scalar = member && asScalar(member.type);
  const value = scalar && readScalar(memory, address + member.offset, scalar, member.bitField);
  return value === undefined ? undefined : Number(value);
}

/** A member as it is usually shown; nothing when the struct lacks it. */
export function memberVariable(subject: FormatSubject, name: string, value?: string): readonly Variable[] {
  const { look, aggregate, address, evaluateName } = subject;
  const member = findMember(aggregate, name);
  if (!member) return [];
  const variable = show(look, {
    name,
    evaluateName: evaluateName === undefined ? undefined : memberOf(evaluateName, name),
    type: member.type,
    at: { kind: 'place', address: address + member.offset, bitField: member.bitField },
    owner: aggregate.name === undefined ? undefined : `${aggregate.name}.${name}`,
  });
  return [value === undefined ? variable : { ...variable, value }];
}

/** A line that is no member: something worked out of several. */
export function note(name: string, value: string): Variable {
  return makeVariable({ name, type: '', value });
}
