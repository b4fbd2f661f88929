// The wasm reader and the rewriter on bytes that are no driver: damaged modules, and code that cannot be instrumented.
import assert from 'node:assert/strict';
import { buildProgram, type Program, WasmError } from '../../../src/toolchain';
import { planSites } from '../../../src/toolchain/instrument/sites';
import { instrument } from '../../../src/toolchain/instrument/rewrite';
import { ByteReader, ByteWriter } from '../../../src/toolchain/wasm/bytes';
import { readModule } from '../../../src/toolchain/wasm/module';
import { type readDebugInfo } from '../../../src/toolchain/dwarf';
import { program, randomNumbers } from './support';

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const NO_DEBUG: Parameters<typeof planSites>[1] = {
  ...({} as ReturnType<typeof readDebugInfo>),
  files: [],
  lines: [],
  functions: [],
};

function section(id: number, bytes: readonly number[]): number[] {
  return [id, ...new ByteWriter().u32(bytes.length).view(), ...bytes];
}

/** A module of one function `() -> ()` with this body, after what the hooks would export. */
function withBody(body: readonly number[]): Uint8Array {
  const text = (name: string): number[] => [name.length, ...Buffer.from(name)];
  const imports = ['due', 'due_store', 'null_load', 'overflow', 'endless'];
  const hooks = ['line', 'enter', 'store_run', 'before', 'after_run', 'fill_run', 'copy_run', 'load16', 'touch'];
  const exports = [
    ...hooks.flatMap((name) => [...text(`__lab_hook_${name}`), 0, 0]),
    ...[...text('__lab'), 3, 0],
    ...[...text('__stack_pointer'), 3, 1],
  ];
  const code = [0, ...body, 0x0b];
  return Uint8Array.from([
    ...HEADER,
    ...section(1, [1, 0x60, 0, 0]),
    ...section(2, [imports.length, ...imports.flatMap((name) => [...text('lab'), ...text(name), 0, 0])]),
    ...section(3, [1, 0]),
    ...section(6, [2, 0x7f, 0, 0x41, 0x80, 0x20, 0x0b, 0x7f, 1, 0x41, 0x80, 0xa0, 0x01, 0x0b]),
    ...section(7, [hooks.length + 2, ...exports]),
    ...section(10, [1, code.length, ...code]),
  ]);
}

function rewrite(body: readonly number[]): Uint8Array {
  const module = readModule(withBody(body));
  return instrument(module, planSites(module, NO_DEBUG), 'run');
}

describe('wasm modules', function () {
  this.timeout(60_000);
  let built: Program;
  before(async () => (built = await program('lines.c')));

  it('are read: functions, names, exports, table', () => {
    const module = readModule(built.wasm);
    const names = [...module.names.values()];
    for (const name of ['walk', 'twice', 'spin', '__lab_hook_line', 'quiet_fill'])
      assert.ok(names.includes(name), name);
    assert.equal(module.bodies.length, module.functionTypes.length - module.importedFunctions);
    assert.ok(module.exports.some((e) => e.name === '__stack_pointer' && e.kind === 3));
  });

  it('keep everything but code and debug sections when they are instrumented', () => {
    const [before, after] = [readModule(built.wasm), readModule(built.debug)];
    assert.deepEqual(after.exports, before.exports);
    assert.deepEqual(after.functionTypes, before.functionTypes);
    assert.deepEqual(after.table, before.table);
    assert.deepEqual(after.names, before.names);
    assert.ok(after.sections.every((s) => !s.name.startsWith('.debug')));
    assert.ok(WebAssembly.validate(built.run) && WebAssembly.validate(built.debug));
  });

  it('are refused with an error of their own when they are cut or damaged, and never hang', () => {
    const random = randomNumbers(31);
    const attempt = (bytes: Uint8Array): void => {
      try {
        const module = readModule(bytes);
        instrument(module, planSites(module, NO_DEBUG), 'run');
      } catch (error) {
        if (!(error instanceof WasmError)) throw error;
      }
    };
    const code = readModule(built.wasm).sections.find((s) => s.id === 10)!;
    for (let i = 0; i < 300; i++) attempt(built.wasm.subarray(0, random(code.end)));
    for (let i = 0; i < 300; i++) {
      const damaged = built.wasm.slice(0, code.end);
      for (let n = 1 + random(4); n > 0; n--) damaged[8 + random(code.end - 8)] = random(256);
      attempt(damaged);
    }
  });

  it('are refused when they are something else', () => {
    for (const [bytes, expected] of [
      [[], /not a wasm module/],
      [[0x7f, 0x45, 0x4c, 0x46, 1, 0, 0, 0], /not a wasm module/],
      [[0, 0x61, 0x73, 0x6d, 2, 0, 0, 0], /expected 1, found 2/],
      [[...HEADER, 1, 100], /section 1 at offset 8: says 100 bytes/],
      [[...HEADER, ...section(3, [1, 0])], /type 0 of 0/],
      [[...HEADER, ...section(1, [1, 0x5f])], /expected a function type/],
    ] as const) {
      assert.throws(() => readModule(Uint8Array.from(bytes)), { name: 'WasmError', message: expected });
    }
    assert.throws(() => buildProgram(Uint8Array.from(HEADER), '', (path) => ({ kind: 'disk', path })));
  });

  it('are refused when they were not linked with the hooks', () => {
    const module = readModule(Uint8Array.from(HEADER));
    assert.throws(
      () => instrument(module, planSites(module, NO_DEBUG), 'debug'),
      /link the module with runtime\/hooks\.c/,
    );
  });

  it('are refused when they hold what C does not compile to', () => {
    assert.ok(rewrite([0x41, 0, 0x41, 1, 0x36, 2, 0]).length > 0, 'a plain store is fine');
    for (const [what, body] of [
      ['SIMD', [0xfd, 0x0c]],
      ['several memories', [0x41, 0, 0x28, 0x42, 0]],
      ['exceptions', [0x06, 0x40, 0x0b]],
      ['tail calls', [0x12, 0]],
      ['branch out of the function body', [0x0c, 0]],
      ['branch out of the function body', [0x02, 0x40, 0x0e, 1, 0, 1, 0x0b]],
      ['opcode 0xff', [0xff]],
      ['bulk instruction 12', [0xfc, 12, 0, 0]],
      ['memory.init', [0xfc, 8, 0, 0]],
      ['ends inside a block', [0x02, 0x40]],
    ] as const) {
      assert.throws(() => rewrite(body), { name: 'WasmError', message: new RegExp(what) }, what);
    }
  });

  it('write and read the same numbers', () => {
    const random = randomNumbers(7);
    const values = [0, 1, 63, 64, 127, 128, -1, -64, -65, 0x7fffffff, -0x80000000];
    for (let i = 0; i < 200; i++) values.push(random(0x100000000) | 0);
    for (const number of values) {
      const writer = new ByteWriter(1).s32(number).u32(number);
      const reader = new ByteReader(writer.view());
      assert.equal(Number(reader.signed()), number);
      assert.equal(reader.u32(), number >>> 0);
      assert.ok(reader.done);
    }
    assert.throws(() => new ByteReader(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 1)).u32(), /longer/);
    assert.throws(() => new ByteReader(Uint8Array.of(0x80)).u32(), /end of the section/);
  });
});
