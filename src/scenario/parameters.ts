// Module parameters: what a driver's module_param() declares, and the values a scenario gives, as insmod takes them. Pure.
import type { Program } from '../toolchain';
import type { ModuleParameters } from './types';

/** module_param() leaves a symbol with type and name: drivers/lib/include/linux/moduleparam.h. */
const SYMBOL = /^__param_([a-z]+)_(.+)$/;

/** bytes that the guest has for all of them, its closing NUL included: kernel/params.c */
const MAX_LENGTH = 1024;

/** Least and greatest value by type; `long` has 32 bits here. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  byte: [0, 0xff],
  short: [-0x8000, 0x7fff],
  ushort: [0, 0xffff],
  int: [-0x80000000, 0x7fffffff],
  uint: [0, 0xffffffff],
  long: [-0x80000000, 0x7fffffff],
  ulong: [0, 0xffffffff],
};

/** Types of a driver's module parameters (`int`, `bool`, `charp` …), by name. */
export function moduleParameters({ symbols }: Pick<Program, 'symbols'>): ReadonlyMap<string, string> {
  return new Map(
    Object.keys(symbols).flatMap((symbol) => {
      const [, type, name] = SYMBOL.exec(symbol) ?? [];
      return type === undefined || name === undefined ? [] : [[name, type]];
    }),
  );
}

/**
 * The arguments of insmod: `napi_weight=64 csum=0`.
 * @param refuse told of each value that the driver would not take
 */
export function moduleArguments(
  program: Pick<Program, 'symbols'>,
  params: ModuleParameters,
  refuse: (name: string, why: string) => void,
): string {
  const known = moduleParameters(program);
  const given = Object.entries(params).map(([name, value]) => {
    const type = known.get(name);
    const written = type === undefined ? undefined : valueText(type, value);
    if (type === undefined) refuse(name, `the driver has no such parameter; ${listed(known)}`);
    else if (written === undefined) refuse(name, `found ${JSON.stringify(value)}, expected ${expected(type)}`);
    return `${name}=${written ?? ''}`;
  });
  const text = given.join(' ');
  if (Buffer.byteLength(text) >= MAX_LENGTH)
    refuse(Object.keys(params).at(-1) ?? '', `all parameters together take ${MAX_LENGTH} bytes or more`);
  return text;
}

function listed(known: ReadonlyMap<string, string>): string {
  if (known.size === 0) return 'it has none (module_param)';
  return `there are ${[...known].map(([name, type]) => `${name} (${type})`).join(', ')}`;
}

function valueText(type: string, value: number | boolean | string): string | undefined {
  if (type === 'charp')
    return typeof value !== 'boolean' && /^[^"\0\n]*$/.test(String(value)) ? `"${value}"` : undefined;
  if (type === 'bool' || type === 'invbool')
    return typeof value === 'boolean' || value === 0 || value === 1 ? String(Number(value)) : undefined;
  const [least, most] = RANGES[type] ?? [0, -1];
  return typeof value === 'number' && value >= least && value <= most ? String(value) : undefined;
}

function expected(type: string): string {
  if (type === 'charp') return 'a text without quotation marks (charp)';
  if (type === 'bool' || type === 'invbool') return `true or false (${type})`;
  const range = RANGES[type];
  return range === undefined
    ? `nothing: type ${type} cannot be set`
    : `a whole number from ${range[0]} to ${range[1]} (${type})`;
}
