// From C to a Program: what comes out, what is said when it cannot, and what the cache keeps.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type BuildRequest,
  CompileError,
  CompilerFailure,
  type Diagnostic,
  LAB_CACHE_LINES,
  LAB_LINE_DEVICE,
  LAB_LINE_SHIFT,
  LAB_MAX_DEPTH,
  LAB_MAX_SITES,
  LAB_NO_ID,
  LAB_PAGE,
  LAB_RING_LOG,
  LAB_STACK_SIZE,
  LAB_COSTS,
  LAB_WATCH_LOADS,
  labLayout,
  readManifest,
} from '../../../src/toolchain';
import { COMPILER_VERSION } from '../../../src/toolchain/compile/compiler';
import { Bench, childPath, driversRoot, fixture, newToolchain, program, runtimeDir, toolchain } from './support';

const sources = (text: string, name = 'probe.c'): BuildRequest => ({ files: [{ path: `/project/${name}`, text }] });

async function errorOf(request: BuildRequest): Promise<CompileError> {
  try {
    await toolchain().build(request);
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  return assert.fail('expected a CompileError');
}

describe('toolchain', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(tmpdir(), 'virtio-lab-test-'))));
  after(() => rmSync(folder, { recursive: true }));

  it('pins the compiler that is installed', () => {
    const file = path.join(__dirname, '../../../node_modules/@yowasp/clang/package.json');
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name: string; version: string };
    assert.equal(COMPILER_VERSION, `${name} ${version}`);
  });

  describe('a Program', () => {
    it('agrees with the compiler on the layout of struct lab', async () => {
      const bench = new Bench(await program('layout.c'), 'run');
      const at = bench.built.symbols['lab_layout']!;
      const { size, offsets, frames, ringStore } = labLayout;
      const expected = [
        ...Object.values(offsets),
        size,
        ...[frames.size, frames.count, ...Object.values(frames.offsets)],
        ...[ringStore.size, ...Object.values(ringStore.offsets)],
        ...[LAB_MAX_SITES, LAB_MAX_DEPTH, LAB_STACK_SIZE, LAB_RING_LOG, LAB_WATCH_LOADS, LAB_COSTS, LAB_NO_ID],
        ...[LAB_PAGE.protected, LAB_PAGE.ring, LAB_PAGE.watched, LAB_PAGE.loads],
        ...[LAB_LINE_SHIFT, LAB_CACHE_LINES, LAB_LINE_DEVICE],
      ];
      assert.deepEqual(
        expected.map((_, i) => bench.view.getUint32(at + 4 * i, true)),
        expected,
      );
      assert.equal(bench.base % 4096, 0);
    });

    it('says where its sources live, what its data and its function pointers are called', async () => {
      const { files, symbols, table, functions, hash } = await program('nasty.c');
      const origins = files.map(({ origin }) => origin);
      assert.ok(origins.some((o) => o.kind === 'disk' && o.path === fixture('nasty.c')));
      assert.ok(origins.some((o) => o.kind === 'bundled' && o.path === 'lib/api.c'));
      assert.equal(new Set(files.map((f) => f.path)).size, files.length);
      assert.equal(symbols['area']! % 4096, 0);
      assert.deepEqual(Object.values(table).sort(), ['add', 'sub']);
      assert.ok(functions.some((fn) => fn.name === 'api_answer'));
      assert.ok(!functions.some((fn) => fn.name === 'quiet_fill'), 'lib/quiet.c is built without debug information');
      assert.match(hash, /^[0-9a-f]{64}$/);
    });

    it('has the file itself, its unsaved text and its defines', async () => {
      const file = path.join(folder, 'user.c');
      writeFileSync(file, '#include "user.h"\nint answer(void) { return VALUE + EXTRA; }\n');
      writeFileSync(path.join(folder, 'user.h'), '#define VALUE 40\n');
      const defines = { EXTRA: '2' };
      const built = await toolchain().build({ files: [{ path: file }], defines });
      assert.equal(new Bench(built, 'debug').call('answer'), 42);
      assert.ok(built.files.some(({ origin }) => origin.kind === 'disk' && origin.path === file));
      const text = '#include "user.h"\nint answer(void) { return VALUE * EXTRA; }\n';
      const unsaved = await toolchain().build({ files: [{ path: file, text }], defines });
      assert.equal(new Bench(unsaved, 'run').call('answer'), 80);
      writeFileSync(path.join(folder, 'user.h'), '#define VALUE 100 /* longer */\n');
      const changed = await toolchain().build({ files: [{ path: file }], defines });
      assert.equal(new Bench(changed, 'run').call('answer'), 102, 'a changed header is compiled in');
    });

    it("takes the user's copy of a library file, and says that it does", async () => {
      const copy = path.join(folder, 'my-api.c');
      writeFileSync(copy, '#include <api.h>\nint api_answer(void) { return 43; }\n');
      const request = sources('#include <api.h>\nint answer(void) { return api_answer(); }\n');
      const built = await toolchain().build({ ...request, libOverrides: new Map([['api.c', copy]]) });
      assert.equal(new Bench(built, 'run').call('answer'), 43);
      assert.ok(built.files.some(({ origin }) => origin.kind === 'disk' && origin.path === copy));
      assert.equal(new Bench(await toolchain().build(request), 'run').call('answer'), 42);
    });

    it("comes with the warnings of the driver's own files, from the cache too", async () => {
      for (let round = 0; round < 2; round++) {
        const told: Diagnostic[] = [];
        const onWarnings = (list: readonly Diagnostic[]): void => void told.push(...list);
        await toolchain().build({ ...sources('int f(void)\n{\n\tint unused;\n\treturn 0;\n}\n'), onWarnings });
        assert.deepEqual(
          told.map((d) => [d.file, d.line, d.column, d.severity, d.message]),
          [['/project/probe.c', 3, 6, 'warning', "unused variable 'unused'"]],
        );
      }
    });
  });

  describe('a driver that does not build', () => {
    it('has each error at its line', async () => {
      const { diagnostics, message } = await errorOf(sources('int f(void)\n{\n\treturn a + b;\n}\noops g(int);\n'));
      assert.deepEqual(
        diagnostics.map((d) => [d.file, d.line, d.column, d.message]),
        [
          ['/project/probe.c', 3, 9, "use of undeclared identifier 'a'"],
          ['/project/probe.c', 3, 13, "use of undeclared identifier 'b'"],
          ['/project/probe.c', 5, 1, "unknown type name 'oops'"],
        ],
      );
      assert.match(message, /probe\.c:3:9: use of undeclared identifier 'a'/);
    });

    it('has one list of all that the kernel API lacks, declared or not', async () => {
      const text = '#include <api.h>\nint f(void)\n{\n\tfoo(1);\n\tbar(2);\n\treturn nowhere(3) + foo(4);\n}\n';
      const { missing, message, diagnostics } = await errorOf(sources(text));
      assert.deepEqual(
        [...missing].sort((a, b) => a.name.localeCompare(b.name)),
        [
          { name: 'bar', file: '/project/probe.c', line: 5 },
          { name: 'foo', file: '/project/probe.c', line: 4 },
          { name: 'nowhere', file: '/project/probe.c', line: 6 },
        ],
      );
      assert.match(message, /^the kernel API lacks: .*foo \(used in probe\.c:4\)/);
      assert.deepEqual([...new Set(diagnostics.map((d) => d.line))].sort(), [4, 5, 6]);
    });

    it('is told to include the header of a function that is there', async () => {
      const { missing, diagnostics } = await errorOf(sources('int f(void)\n{\n\treturn api_answer();\n}\n'));
      assert.deepEqual(missing, []);
      assert.match(diagnostics[0]!.message, /'api_answer': include <api\.h>/);
      const worse = await errorOf(sources('int f(void)\n{\n\treturn api_answer() + gone() + x;\n}\n'));
      assert.deepEqual(
        worse.missing.map(({ name }) => name),
        ['gone'],
      );
    });

    it('hears of all headers that are missing at once', async () => {
      const text = '#include <linux/one.h>\n#include <stdarg.h>\n#include <linux/two.h>\n';
      const { diagnostics } = await errorOf(sources(text));
      assert.deepEqual(
        diagnostics.map((d) => [d.line, d.message]),
        [
          [1, "'linux/one.h' file not found"],
          [3, "'linux/two.h' file not found"],
        ],
      );
    });

    it('hears which library file has the same function', async () => {
      const { diagnostics } = await errorOf(sources('int api_answer(void) { return 1; }\n'));
      assert.equal(diagnostics[0]!.file, '/project/probe.c');
      assert.match(diagnostics[0]!.message, /'api_answer' is defined here and in .*lib\/api\.c/);
    });

    it('is named when there is no such file', async () => {
      const { message } = await errorOf({ files: [{ path: path.join(folder, 'none.c') }] });
      assert.match(message, /none\.c: there is no such file/);
    });

    it('may be any bytes at all', async () => {
      const junk = Array.from({ length: 3000 }, (_, i) => String.fromCharCode(1 + ((i * 7919) % 250))).join('');
      assert.ok((await errorOf(sources(junk))).diagnostics.length > 0);
    });
  });

  describe('the cache', () => {
    it('serves a later toolchain without a compiler, and ignores damaged entries', async () => {
      const cacheDir = path.join(folder, 'cache');
      const request = sources('int cached(void) { return 9; }\n');
      const first = await newToolchain({ cacheDir }).build(request);
      const broken = newToolchain({ cacheDir, compilerPath: path.join(folder, 'no-compiler.mjs') });
      const second = await broken.build(request);
      assert.equal(second.hash, first.hash);
      assert.deepEqual(second.run, first.run);
      assert.deepEqual(second.sites, first.sites);

      const entries = readdirSync(cacheDir);
      assert.deepEqual(entries.sort(), broken.cacheEntries(request).sort());
      for (const [i, entry] of entries.entries()) {
        const file = path.join(cacheDir, entry);
        const bytes = readFileSync(file);
        if (i === 0) writeFileSync(file, bytes.subarray(0, bytes.length / 2));
        else if (i === 1) writeFileSync(file, '');
        else writeFileSync(file, bytes.fill(1, bytes.length - 9));
      }
      // as good as empty: everything is to be compiled again, and this toolchain cannot
      const third = newToolchain({ cacheDir, compilerPath: path.join(folder, 'no-compiler.mjs') });
      await assert.rejects(third.build(request), CompilerFailure);
    });

    it('says what is wrong when the compiler does not start, and the next build tries again', async () => {
      const broken = newToolchain({ compilerPath: path.join(folder, 'no-compiler.mjs') });
      for (let i = 0; i < 2; i++) {
        await assert.rejects(broken.build(sources('int f(void) { return 1; }\n')), CompilerFailure);
      }
    });
  });

  it('gives up a build that is aborted, at once', async () => {
    const control = new AbortController();
    const build = toolchain().build(sources('int aborted(void) { return 1; }\n'), control.signal);
    control.abort();
    await assert.rejects(build, { name: 'AbortError' });
    await assert.rejects(toolchain().build(sources(''), control.signal), { name: 'AbortError' });
  });

  it('compiles a file once for two builds that go on side by side', async () => {
    const script = path.join(folder, 'telling-child.mjs');
    const told = path.join(folder, 'told');
    writeFileSync(
      script,
      `import { appendFileSync } from 'node:fs';
       process.on('message', ({ id, args }) => {
         appendFileSync(${JSON.stringify(told)}, args[args.indexOf('-c') + 1] + '\\n');
         process.send({ id, text: 'clang: error: this child only tells' });
       });`,
    );
    const both = newToolchain({ compilerPath: script });
    const request = sources('int twice(void) { return 2; }\n');
    const build = (): Promise<void> => assert.rejects(both.build(request), CompileError);
    await Promise.all([build(), build()]);
    const compiled = readFileSync(told, 'utf8').trim().split('\n');
    assert.ok(compiled.length > 1);
    assert.deepEqual(compiled, [...new Set(compiled)]);
  });

  it('survives a compiler that dies: the build fails, the next one works', async () => {
    const script = path.join(folder, 'dying-child.mjs');
    const marker = path.join(folder, 'died');
    writeFileSync(
      script,
      `import { existsSync, writeFileSync } from 'node:fs';
       if (existsSync(${JSON.stringify(marker)})) {
         process.on('message', ({ id }) => process.send({ id, text: 'wasm-ld: error: this child lives' }));
       } else {
         process.on('message', () => { writeFileSync(${JSON.stringify(marker)}, ''); process.exit(3); });
       }`,
    );
    const dying = newToolchain({ compilerPath: script });
    await assert.rejects(dying.build(sources('int f(void) { return 1; }\n')), (error: Error) => {
      assert.ok(error instanceof CompilerFailure);
      assert.match(error.message, /exit code 3/);
      return true;
    });
    await assert.rejects(dying.build(sources('int f(void) { return 1; }\n')), /this child lives/);
  });

  it('is refused after dispose', async () => {
    const closed = newToolchain();
    closed.dispose();
    await assert.rejects(closed.build(sources('int f(void) { return 2; }\n')), /closed/);
  });

  it('reads a manifest and names what is wrong with one', () => {
    assert.deepEqual(readManifest(driversRoot).lib, ['lib/api.c']);
    const write = (value: unknown): void => writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(value));
    const good = { lib: ['a.c'], nodebug: [], include: [], kernels: { '1.0': {} }, defaultKernel: '1.0', drivers: {} };
    for (const [bad, expected] of [
      [{ ...good, lib: 'x' }, /manifest\.json: "lib": expected a list/],
      [{ ...good, include: [1] }, /"include": expected a list/],
      [{ ...good, drivers: { d: { title: 't', description: 'd' } } }, /"drivers\.d\.files"/],
      [{ ...good, drivers: { d: { files: [], description: 'd' } } }, /"drivers\.d\.title"/],
      [{ ...good, drivers: { d: { files: [], title: 't', description: 'd', kernel: '2' } } }, /"drivers\.d\.kernel"/],
      [{ ...good, kernels: { '1.0': { 'a.c': 1 } } }, /"kernels\.1\.0": expected an object of C files/],
      [{ ...good, kernels: { '1.0': { 'b.c': 'c.c' } } }, /"kernels\.1\.0\.b\.c": expected a file of "lib"/],
      [{ ...good, defaultKernel: '2.0' }, /"defaultKernel": expected a name in "kernels"/],
      [[], /expected an object/],
    ] as const) {
      write(bad);
      assert.throws(() => readManifest(folder), expected);
    }
    writeFileSync(path.join(folder, 'manifest.json'), '{');
    assert.throws(() => readManifest(folder), /manifest\.json/);
    assert.ok(childPath.endsWith('compiler-child.ts') && runtimeDir.endsWith('runtime'));
  });
});
