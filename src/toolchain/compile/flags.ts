// The command lines: how a driver, the kernel API and the hooks are compiled and linked.
import { LAB_STACK_SIZE } from '../runtime-layout';

/** Guest RAM in bytes: 16 MiB. */
export const RAM_SIZE = 16 * 1024 * 1024;
/** Pointers below it are the NULL page; the C stack begins above it. */
const NULL_PAGE = 4096;

const TARGET = [
  '--target=wasm32',
  '-nostdlib',
  '-ffreestanding',
  '-std=gnu11',
  // RAM is shared with the main thread; struct copies become memory.copy
  '-matomics',
  '-mbulk-memory',
  '-fdiagnostics-format=sarif',
  '-Wno-sarif-format-unstable',
  '-ferror-limit=0',
];

/** As Linux's own Makefile, where the compiled code depends on it. */
const KERNEL = [
  '-fno-common',
  '-fno-strict-aliasing',
  '-fwrapv',
  '-Wall',
  '-Wno-pointer-sign',
  // they are collected, with what is undefined at link time, into one list of what the kernel API lacks
  '-Wno-error=implicit-function-declaration',
  // an interrupt may be delivered at any line, on the same stack
  '-Xclang',
  '-disable-red-zone',
  '-fdebug-compilation-dir=/lab',
  '-fmacro-prefix-map=/lab/drivers/=',
  '-fmacro-prefix-map=/disk/=/',
];

export type UnitKind = 'stepped' | 'nodebug' | 'hooks';

/** Arguments of clang, without input and output. */
export function compileFlags(
  kind: UnitKind,
  includeDirs: readonly string[],
  defines: Readonly<Record<string, string>>,
): string[] {
  if (kind === 'hooks') return ['clang', ...TARGET, '-O2', '-Wall', '-Wextra'];
  return [
    'clang',
    ...TARGET,
    ...KERNEL,
    // every variable in memory at -O0: that is how the debugger finds them
    ...(kind === 'stepped' ? ['-O0', '-gdwarf-4'] : ['-O2']),
    '-D__KERNEL__',
    ...Object.entries(defines).map(([name, value]) => `-D${name}=${value}`),
    ...includeDirs.flatMap((dir) => ['-I', dir]),
  ];
}

/** Arguments of wasm-ld, without objects and output. */
export const LINK_FLAGS: readonly string[] = [
  'wasm-ld',
  '--no-entry',
  '--error-limit=0',
  '--export-all',
  '--export-table',
  '--no-gc-sections',
  '--import-memory',
  '--shared-memory',
  `--initial-memory=${RAM_SIZE}`,
  `--max-memory=${RAM_SIZE}`,
  // an overflow runs down into the NULL page, not into data
  '--stack-first',
  '-z',
  `stack-size=${NULL_PAGE + LAB_STACK_SIZE}`,
];
