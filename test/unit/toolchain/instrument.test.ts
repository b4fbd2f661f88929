// Instrumented code computes what plain code computes, and its hooks see every line, call, store and 16-bit load.
import assert from 'node:assert/strict';
import { callsBetween, labLayout, lineGroups, type Program } from '../../../src/toolchain';
import { Bench, digestOf, Fault, type Level, program, randomNumbers, value } from './support';

const LEVELS = ['run', 'debug', 'measure'] as const;

function faultOf(action: () => unknown): Fault {
  try {
    action();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  return assert.fail('expected the machine to be called');
}

describe('instrumentation', function () {
  this.timeout(60_000);
  let nasty: Program;
  let stores: Program;
  let lines: Program;
  before(async () => {
    nasty = await program('nasty.c');
    stores = await program('stores.c');
    lines = await program('lines.c');
  });

  describe('the nasty program', () => {
    it('computes the same and leaves the same RAM plain, and at every level', () => {
      for (const seed of [1, 12345, 0xdeadbeef]) {
        const results = (['raw', ...LEVELS] as const).map((level) => {
          const bench = new Bench(nasty, level);
          const sum = bench.call('run_all', seed);
          return { sum, ram: digestOf(bench.driverPages()), depth: bench.word('depth'), stack: bench.stackPointer };
        });
        assert.notEqual(results[0]!.sum, 0);
        assert.deepEqual(results[1], results[0]);
        assert.deepEqual(results[2], results[0]);
        assert.deepEqual(results[3], results[0]);
      }
    });

    it('takes the same number of ticks at every level', () => {
      const [run, debug, measure] = LEVELS.map((level) => {
        const bench = new Bench(nasty, level);
        bench.call('run_all', 7);
        return 0x7fffffff - bench.word('budget');
      });
      assert.ok(run! > 10_000, `${run} ticks`);
      assert.equal(debug, run);
      assert.equal(measure, run);
    });

    for (const level of LEVELS) {
      it(`shows every store, with the bytes it replaced (${level})`, () => {
        const shadow: { ram?: Uint8Array; seen: number } = { seen: 0 };
        const bench: Bench = new Bench(nasty, level, {
          watch: (addr, size, before) => {
            const ram = shadow.ram!;
            shadow.seen++;
            if (size <= 8) assert.equal(before, value(ram.subarray(addr, addr + size)), `before at ${addr}`);
            ram.set(bench.ram.subarray(addr, addr + size), addr);
          },
        });
        // variables on the C stack are stored without a look at the page map at run level
        const first = bench.built.symbols[level === 'run' ? '__stack_high' : '__stack_low']! >>> 12;
        for (let page = Math.max(first, 1); page < 4096; page++) {
          if (page < bench.base >>> 12 || page >= (bench.base >>> 12) + 400) bench.flag(page, 1, 4);
        }
        shadow.ram = bench.ram.slice();
        const sum = bench.call('run_all', 99);
        assert.equal(sum, new Bench(nasty, 'raw').call('run_all', 99));
        assert.ok(shadow.seen > 10_000, `${shadow.seen} stores`);
        const seen = shadow.ram;
        if (level === 'run') seen.set(bench.ram.subarray(0, first << 12));
        seen.fill(0, bench.base, bench.base + 400 * 4096);
        const real = bench.ram.slice();
        real.fill(0, bench.base, bench.base + 400 * 4096);
        assert.equal(digestOf(seen), digestOf(real));
      });
    }

    it('computes the same when an interrupt comes before every line', () => {
      const expected = new Bench(nasty, 'raw').call('run_all', 5);
      for (const level of LEVELS) {
        let interrupts = 0;
        let nested = false;
        const bench: Bench = new Bench(nasty, level, {
          due: () => {
            bench.setWord('budget', 0);
            if (nested) return;
            nested = true;
            bench.call('interrupt', interrupts++);
            nested = false;
            bench.setWord('budget', 0);
          },
        });
        bench.setWord('budget', 0);
        assert.equal(bench.call('run_all', 5), expected);
        assert.ok(interrupts > 10_000, `${interrupts} interrupts`);
        assert.equal(bench.word('depth'), 0);
      }
    });

    it('counts as many stores as it shows', () => {
      let shown = 0;
      let trapped = 0;
      const bench = new Bench(nasty, 'debug', { watch: () => shown++, dueStore: () => trapped++ });
      for (let page = 1; page < 4096; page++) {
        if (page < bench.base >>> 12 || page >= (bench.base >>> 12) + 400) bench.flag(page, 1, 4);
      }
      bench.setWord('trap_store', 1);
      bench.call('run_all', 3);
      assert.ok(shown > 10_000);
      assert.equal(trapped, shown);
      const without = new Bench(nasty, 'debug', { dueStore: () => trapped-- });
      without.setWord('trap_store', 1);
      without.call('run_all', 3);
      assert.equal(trapped, 0, 'a data breakpoint changes how stores are counted');
    });
  });

  describe('stores', () => {
    const at = 0x800000;
    const cases: readonly (readonly [string, number, ...(number | bigint)[]])[] = [
      ['store8', 1],
      ['store16', 2],
      ['store32', 4],
      ['store64', 8],
      ['store_float', 4],
      ['store_double', 8],
      ['store8_of_64', 1, 0x1122334455667788n],
      ['store16_of_64', 2, 0x1122334455667788n],
      ['store32_of_64', 4, 0x1122334455667788n],
      ['atomic_store8', 1],
      ['atomic_store16', 2],
      ['atomic_store32', 4],
      ['atomic_store64', 8],
      ['add8', 1],
      ['sub16', 2],
      ['and32', 4],
      ['or64', 8],
      ['xor32', 4],
      ['exchange16', 2],
      ['compare32', 4, 0x33323130],
    ];

    for (const level of LEVELS) {
      for (const [name, size, ...args] of cases) {
        it(`${name} is one tick and one record on a ring page, and one call on a watched one (${level})`, () => {
          const watched: unknown[] = [];
          const bench = new Bench(stores, level, {
            watch: (addr, width, before) => watched.push([addr, width, before]),
          });
          const plain = new Bench(stores, 'raw');
          for (const b of [bench, plain]) for (let i = 0; i < 16; i++) b.ram[at + i] = 0x30 + i;
          bench.flag(at >>> 12, 1, 2 | 4);
          const before = value(bench.ram.subarray(at, at + size));
          assert.equal(bench.call(name, at, ...args), plain.call(name, at, ...args));
          const after = value(bench.ram.subarray(at, at + size));
          assert.deepEqual(bench.ram.subarray(at, at + 16), plain.ram.subarray(at, at + 16));
          bench.drain();
          assert.equal(bench.ring.length, 1);
          const { budget, site, ...record } = bench.ring[0]!;
          assert.deepEqual(record, { addr: at, size, before, after });
          assert.deepEqual(watched, [[at, size, before]]);
          if (level === 'debug') assert.equal(stores.functions[stores.sites[site]!.func]!.name, name);
          else assert.equal(site, 0xffffffff);
          assert.ok(budget < 0x7fffffff && budget >= bench.word('budget'));
        });
      }

      it(`finds the flag of the second page of a store across two (${level})`, () => {
        for (const [name, size] of [
          ['store16', 2],
          ['store32', 4],
          ['store64', 8],
          ['store_double', 8],
        ] as const) {
          for (let back = 1; back < size; back++) {
            for (const flagged of [0, 1]) {
              const bench = new Bench(stores, level);
              bench.flag((at >>> 12) + flagged - 1, 1, 2);
              bench.call(name, at - back);
              bench.drain();
              assert.deepEqual(
                bench.ring.map((r) => [r.addr, r.size]),
                [[at - back, size]],
              );
            }
          }
        }
      });

      it(`refuses a store to a protected page before it is made (${level})`, () => {
        const bench = new Bench(stores, level);
        for (const [name, addr, size] of [
          ['store32', 0, 4],
          ['store_offset', 0, 4],
          ['store8', 4095, 1],
          ['store64', bench.base + labLayout.size - 8, 8],
          ['store64', bench.base - 7, 8],
          ['xor32', bench.base + labLayout.offsets.armed, 4],
          ['store16', 16 * 1024 * 1024, 2],
          ['store32', 0xfffffff0, 4],
        ] as const) {
          const where = name === 'store_offset' ? 600 : addr;
          const shown = Math.min(size, Math.abs(bench.base - where)); // the word at base is the budget
          const old = bench.ram.slice(where, where + shown);
          const fault = faultOf(() => bench.call(name, addr));
          assert.deepEqual([fault.kind, ...fault.values], ['protect', where, size]);
          assert.deepEqual(bench.ram.slice(where, where + shown), old);
          bench.setWord('depth', 0);
        }
        const bulk = faultOf(() => bench.call('fill', bench.base - 100, 1, 200));
        assert.deepEqual([bulk.kind, ...bulk.values], ['protect', bench.base - 100, 200]);
      });

      it(`stops at the ring store that takes the last tick (${level})`, () => {
        let stops = 0;
        const bench: Bench = new Bench(stores, level, {
          dueStore: () => stops++,
          due: () => bench.setWord('budget', 0),
        });
        bench.flag(at >>> 12, 1, 2);
        bench.setWord('stop_on_store', 1);
        bench.setWord('budget', 1); // the line takes it, the store goes below 0
        bench.call('store32', at);
        assert.equal(stops, 1);
        bench.setWord('stop_on_store', 0);
        bench.setWord('budget', 1);
        bench.call('store32', at);
        assert.equal(stops, 1);
      });

      it(`drains a full ring log (${level})`, () => {
        const bench = new Bench(stores, level);
        bench.flag(at >>> 12, 1, 2);
        for (let i = 0; i < 2500; i++) bench.call('store16', at + 2 * (i % 512));
        assert.equal(bench.ring.length, 2048);
        bench.drain();
        assert.equal(bench.ring.length, 2500);
        const budgets = bench.ring.map((r) => r.budget);
        assert.ok(budgets.every((b, i) => i === 0 || b < budgets[i - 1]!));
      });

      it(`makes bulk stores to ring pages piece by piece, with the same outcome (${level})`, () => {
        const random = randomNumbers(4711);
        const bench = new Bench(stores, level);
        const expected = new Bench(stores, 'raw');
        bench.flag(at >>> 12, 1, 2);
        const around = (b: Bench): Uint8Array => b.ram.subarray(at - 0x1000, at + 0x3000);
        for (let round = 0; round < 200; round++) {
          for (let i = -0x1000; i < 0x3000; i++) bench.ram[at + i] = expected.ram[at + i] = random(256);
          const ring = bench.ram.slice(at, at + 4096);
          const [to, from, size] = [at - 300 + random(4500), at - 300 + random(4500), random(round % 10 ? 60 : 5000)];
          const [name, second] = round & 1 ? (['fill', random(256)] as const) : (['copy', from] as const);
          bench.call(name, to, second, size);
          expected.call(name, to, second, size);
          assert.equal(digestOf(around(bench)), digestOf(around(expected)), `${name}(${to}, ${second}, ${size})`);
          bench.drain();
          // forwards or backwards, the records lead from the old bytes to the new ones
          for (const { addr, size: width, before, after } of bench.ring.splice(0)) {
            assert.ok(width <= 8 && addr >= at && addr + width <= at + 4096);
            const field = ring.subarray(addr - at, addr - at + width);
            assert.equal(value(field), before);
            for (let i = 0; i < width; i++) field[i] = Number((after >> BigInt(8 * i)) & 0xffn);
          }
          assert.equal(digestOf(ring), digestOf(bench.ram.slice(at, at + 4096)));
        }
      });

      it(`traps, like plain code, at a bulk store that ends beyond RAM (${level})`, () => {
        const bench = new Bench(stores, level);
        bench.flag(4096, 1 << 16, 0);
        assert.throws(() => bench.call('copy', at, 16 * 1024 * 1024 - 10, 20), WebAssembly.RuntimeError);
        bench.setWord('depth', 0);
        assert.throws(() => bench.call('fill', 16 * 1024 * 1024 - 10, 0, 20), WebAssembly.RuntimeError);
      });
    }
  });

  describe('loads', () => {
    for (const level of LEVELS) {
      it(`shows a 16-bit load of a watched address, and no other (${level})`, () => {
        const at = 0x800000;
        const loads: number[] = [];
        const bench = new Bench(stores, level, { load: (addr) => loads.push(addr) });
        bench.flag(at >>> 12, 1, 2 | 8);
        bench.setWord('watch_loads_used', 2);
        bench.setWord('watch_loads', 0x123456);
        bench.view.setUint32(bench.base + 36, at + 2, true);
        for (const name of ['load16', 'load16_signed', 'load16_to_64', 'load16_atomic', 'load8', 'load32', 'load64']) {
          const before = loads.length;
          if (name !== 'load16_atomic') bench.call(name, at);
          if (name !== 'load64' && name !== 'load32') bench.call(name, at + 2);
          assert.equal(loads.length - before, name.startsWith('load16') ? 1 : 0, name);
        }
        assert.ok(loads.every((addr) => addr === at + 2));
      });

      it(`catches loads from the NULL page (${level})`, () => {
        const bench = new Bench(stores, level);
        for (const [name, addr, where, size] of [
          ['load8', 4095, 4095, 1],
          ['load16', 0, 0, 2],
          ['load32', 8, 8, 4],
          ['load64', 16, 16, 8],
          ['load_offset', 0, 600, 4],
        ] as const) {
          const fault = faultOf(() => bench.call(name, addr));
          assert.deepEqual([fault.kind, ...fault.values], ['null_load', where, size]);
          bench.setWord('depth', 0);
        }
        const fault = faultOf(() => bench.call('copy', 0x800000, 16, 20));
        assert.deepEqual([fault.kind, ...fault.values], ['null_load', 16, 20]);
        assert.equal(bench.call('load32', 4096), 0);
      });
    }
  });

  describe('survival', () => {
    it('ends a runaway recursion at the same place at both levels', () => {
      for (const [name, kind, argument] of [
        ['recurse', 'deep', 100_000],
        ['recurse_big', 'wide', 100_000],
        ['huge', 'wide', 13_000],
      ] as const) {
        const places = LEVELS.map((level) => {
          const bench = new Bench(nasty, level);
          const fault = faultOf(() => bench.call(name, argument));
          assert.equal(fault.kind, 'overflow');
          assert.equal(nasty.functions[fault.values[0]!]!.name, name);
          return { depth: bench.word('depth'), stack: bench.stackPointer };
        });
        assert.deepEqual(places[1], places[0]);
        if (kind === 'deep') assert.ok(places[0]!.depth <= 1001);
        else assert.ok(places[0]!.depth < 50 && places[0]!.stack >= 4096);
      }
    });

    it('lets a recursion through that the limits allow', () => {
      for (const level of LEVELS) assert.equal(new Bench(nasty, level).call('recurse', 400), 400);
    });

    it('ends a runaway recursion without debug information too', () => {
      for (const level of LEVELS) {
        const fault = faultOf(() => new Bench(nasty, level).call('quiet_recurse', 100_000));
        assert.deepEqual([fault.kind, ...fault.values], ['overflow', 0xffffffff]);
      }
    });

    it('calls out of for (;;);', () => {
      for (const level of LEVELS) {
        for (const built of [nasty, lines]) {
          let calls = 0;
          const bench: Bench = new Bench(built, level, {
            due: (site) => {
              assert.equal(built.functions[built.sites[site]!.func]!.name, 'spin');
              if (++calls === 3) throw new Error('enough');
              bench.setWord('budget', 1000);
            },
          });
          bench.setWord('budget', 1000);
          assert.throws(() => bench.call('spin'), /enough/);
        }
      }
    });

    it('ends an endless loop in code that takes no ticks', () => {
      for (const level of LEVELS) {
        const bench = new Bench(nasty, level);
        assert.equal(faultOf(() => bench.call('quiet_spin', 0xffffffff)).kind, 'endless');
      }
    });
  });

  describe('lines', () => {
    function stepped(level: Level = 'debug'): { bench: Bench; trace: string[] } {
      const trace: string[] = [];
      const bench: Bench = new Bench(lines, level, {
        due: (site) => {
          const { func, line } = lines.sites[site]!;
          trace.push(`${lines.functions[func]!.name}:${line}`);
          if (level === 'debug') assert.equal(bench.frame(bench.word('depth')).site, site);
        },
      });
      lineGroups(lines.sites).forEach((group, site) => {
        bench.view.setUint32(bench.base + labLayout.offsets.line_of + 4 * site, group, true);
      });
      return { bench, trace };
    }

    it('are passed in the order of the source', () => {
      for (const level of LEVELS) {
        const { bench, trace } = stepped(level);
        bench.setWord('budget', 0);
        bench.call('walk', 1);
        assert.deepEqual(trace, [
          ...['walk:13', 'walk:15', 'walk:15', 'walk:16', 'twice:7', 'twice:8', 'walk:17', 'walk:15', 'walk:15'],
          ...['walk:20', 'twice:7', 'twice:8', 'twice:7', 'twice:8', 'walk:21'],
        ]);
      }
    });

    it('stop a step over at the next line of the same function, not in a callee', () => {
      const { bench, trace } = stepped();
      bench.setWord('stepping', 1);
      bench.setWord('step_depth', 1);
      bench.setWord('step_start_depth', -1);
      bench.call('walk', 2);
      assert.ok(trace.length > 5);
      assert.ok(trace.every((line) => line.startsWith('walk:')));
    });

    it('do not stop a step at the line it began at', () => {
      const { bench, trace } = stepped();
      const groups = lineGroups(lines.sites);
      const loop = lines.sites.findIndex((site) => site.line === 15);
      bench.setWord('stepping', 1);
      bench.setWord('step_depth', 1000);
      bench.setWord('step_start_depth', 1);
      bench.setWord('step_line', groups[loop]!);
      bench.call('walk', 2);
      assert.ok(trace.includes('twice:7'));
      assert.ok(!trace.includes('walk:15'));
    });

    it('stop at an armed site and on pause', () => {
      const { bench, trace } = stepped();
      lines.sites.forEach((site) => {
        if (site.line === 18) bench.ram[bench.base + labLayout.offsets.armed + site.id] = 1;
      });
      bench.call('walk', 3);
      assert.deepEqual(trace, ['walk:18']);
      bench.setWord('pause', 1);
      bench.call('walk', 0);
      assert.equal(trace[1], 'walk:13');
    });

    it('are noted by a search, which does not stop', () => {
      const { bench, trace } = stepped();
      bench.setWord('search', 1);
      bench.setWord('search_depth', 1);
      bench.setWord('search_line', -1);
      bench.setWord('found', -1);
      bench.call('walk', 2);
      assert.deepEqual(trace, []);
      const found = lines.sites[bench.word('found')]!;
      assert.deepEqual([lines.functions[found.func]!.name, found.line], ['walk', 21]);
      assert.equal(bench.word('found_budget'), bench.word('budget'));
    });

    it('know which functions they call', () => {
      const names = (line: number): string[] =>
        lines.sites
          .filter((site) => site.line === line)
          .flatMap((site) => {
            const { high } = lines.functions[site.func]!;
            const next = lines.sites[site.id + 1];
            return callsBetween(lines, site.addr, next?.func === site.func ? next.addr : high);
          })
          .map((id) => lines.functions[id]!.name);
      assert.deepEqual(names(16), ['twice']);
      assert.deepEqual(names(20), ['twice', 'twice']);
      assert.deepEqual(names(13), []);
    });
  });

  describe('what accesses touch, at measure level', () => {
    const at = 0x500000;
    const counts = (bench: Bench): readonly number[] =>
      (['touched', 'foreign', 'unaligned'] as const).map((name) => bench.word(name));
    const stateOf = (bench: Bench, address: number): number =>
      bench.view.getUint16(bench.base + labLayout.offsets.lines + 2 * (address >> 6), true);
    /** @returns how many lines, lines of the device's, and unaligned accesses a call makes */
    function costOf(bench: Bench, name: string, ...args: number[]): readonly number[] {
      const before = counts(bench);
      bench.call(name, ...args);
      return counts(bench).map((n, i) => n - before[i]!);
    }
    const measure = (): Bench => {
      const bench = new Bench(stores, 'measure');
      bench.setWord('epoch', 1);
      return bench;
    };

    it('a line counts once an epoch, whatever is loaded from it and stored to it; the C stack does not', () => {
      const bench = measure();
      assert.deepEqual(costOf(bench, 'store32', at), [1, 0, 0]);
      assert.deepEqual(costOf(bench, 'load8', at + 63), [0, 0, 0]);
      assert.deepEqual(costOf(bench, 'load8', at + 64), [1, 0, 0]);
      assert.deepEqual(costOf(bench, 'add8', at + 64), [0, 0, 0]);
      bench.setWord('epoch', 2);
      assert.deepEqual(costOf(bench, 'load16', at), [1, 0, 0]);
    });

    it('a line that the device has written counts as the other side’s, until the guest has it', () => {
      const bench = measure();
      bench.call('load8', at);
      const line = bench.base + labLayout.offsets.lines + 2 * (at >> 6);
      bench.view.setUint16(line, stateOf(bench, at) | 1, true);
      assert.deepEqual(costOf(bench, 'load16', at + 2), [0, 1, 0]);
      assert.deepEqual(costOf(bench, 'load16', at + 2), [0, 0, 0]);
    });

    it('unaligned is an address that is no multiple of the size, and such an access may touch two lines', () => {
      const bench = measure();
      assert.deepEqual(costOf(bench, 'load16', at + 1), [1, 0, 1]);
      assert.deepEqual(costOf(bench, 'store64', at + 4), [0, 0, 1]);
      assert.deepEqual(costOf(bench, 'store64', at + 60), [1, 0, 1]);
      assert.deepEqual(costOf(bench, 'store8', at + 1), [0, 0, 0]);
      assert.deepEqual(costOf(bench, 'store_offset', at + 1000), [1, 0, 0]);
    });

    it('bulk stores touch every line of what they read and write', () => {
      const bench = measure();
      assert.deepEqual(costOf(bench, 'fill', at, 1, 64), [1, 0, 0]);
      assert.deepEqual(costOf(bench, 'fill', at + 63, 1, 66), [2, 0, 0]);
      assert.deepEqual(costOf(bench, 'copy', at + 0x1000, at + 0x2000, 200), [8, 0, 0]);
      assert.deepEqual(costOf(bench, 'fill', at + 0x3000, 1, 0), [0, 0, 0]);
    });

    it('divisions and remainders count, whatever they divide', () => {
      const bench = new Bench(nasty, 'measure');
      const plain = new Bench(nasty, 'run');
      bench.call('run_all', 3);
      plain.call('run_all', 3);
      assert.ok(bench.word('divisions') > 0);
      assert.equal(plain.word('divisions'), 0);
    });

    it('nothing is counted at the other levels', () => {
      for (const level of ['run', 'debug'] as const) {
        const bench = new Bench(stores, level);
        bench.setWord('epoch', 1);
        assert.deepEqual(costOf(bench, 'store64', at + 60), [0, 0, 0]);
      }
    });
  });
});
