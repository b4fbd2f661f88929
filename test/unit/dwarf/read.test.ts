// The DWARF reader on real modules of two compilers and both versions, against the C source they came from.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readDebugInfo, type DebugInfo, type Scope, type StructType, type Type } from '../../../src/toolchain/dwarf';

const FOLDER = 'test/fixtures/dwarf';
const MODULES = ['clang14-dwarf4', 'clang14-dwarf5', 'clang22-dwarf4', 'clang22-dwarf5'];

function read(name: string): DebugInfo {
  return readDebugInfo(new Uint8Array(readFileSync(`${FOLDER}/${name}.wasm`)));
}

/** 1-based number of the only line of a source file that has the text. */
function lineOf(file: string, text: string): number {
  const lines = readFileSync(`${FOLDER}/${file}`, 'utf8').split('\n');
  const found = lines.flatMap((line, index) => (line.includes(text) ? [index + 1] : []));
  assert.equal(found.length, 1, `${file}: "${text}" is on lines ${found.join(', ')}`);
  return found[0] as number;
}

function functionOf(info: DebugInfo, name: string, file = '/src/shapes.c') {
  const found = info.functions.find((fn) => fn.name === name && info.files[fn.file] === file);
  assert.ok(found, `${name} is not in the debug information`);
  return found;
}

function structOf(info: DebugInfo, name: string): StructType {
  const found = info.types.find('struct', name);
  assert.ok(found, `struct ${name} is not in the debug information`);
  return found;
}

function bare(type: Type): Type {
  return type.kind === 'typedef' || type.kind === 'qualified' ? bare(type.to) : type;
}

/** Blocks with their variables, as an outline: `name@line`. */
function outline({ variables, blocks }: Scope): unknown[] {
  return [...variables.map(({ name, line }) => `${name}@${line}`), ...blocks.map(outline)];
}

for (const name of MODULES) {
  describe(`DWARF reader on ${name}`, () => {
    let info: DebugInfo;
    before(() => {
      info = read(name);
    });

    it('lists each source file once, by its full path', () => {
      assert.deepEqual([...info.files].sort(), ['/src/other.c', '/src/shapes.c', '/src/shapes.h']);
    });

    it('finds functions with file, line, code and the local of their frame base', () => {
      const run = functionOf(info, 'run');
      assert.equal(run.line, lineOf('shapes.c', 'int run(int argc)'));
      assert.equal(run.external, true);
      assert.ok(run.high > run.low);
      assert.equal(typeof run.frameBaseLocal, 'number');
      assert.equal(info.functionAt(run.low), run);
      assert.equal(info.functionAt(run.high - 1), run);
      assert.notEqual(info.functionAt(run.high), run);
      assert.equal(functionOf(info, 'fill').external, false);
    });

    it('keeps functions of one name apart: a static of two units, an inline of a header in each', () => {
      const files = (wanted: string) =>
        info.functions.filter((fn) => fn.name === wanted).map((fn) => info.files[fn.file]);
      assert.deepEqual(files('add').sort(), ['/src/other.c', '/src/shapes.c']);
      assert.deepEqual(files('twice'), ['/src/shapes.h', '/src/shapes.h']);
      const units = info.functions.filter((fn) => fn.name === 'twice').map((fn) => fn.unit);
      assert.notEqual(units[0], units[1]);
    });

    it('leaves out what the linker dropped: the function and its lines', () => {
      assert.equal(
        info.functions.find((fn) => fn.name === 'dead_function'),
        undefined,
      );
      const dead = lineOf('other.c', 'int never = n;');
      const other = info.files.indexOf('/src/other.c');
      assert.deepEqual(
        info.lines.filter((row) => row.file === other && row.line === dead),
        [],
      );
      const dropped = info.globals.find((variable) => variable.name === 'ring_index');
      if (dropped) assert.equal(dropped.location.kind, 'none');
    });

    it('has a statement row for each line with code, and prologue ends after function starts', () => {
      const shapes = info.files.indexOf('/src/shapes.c');
      const fill = functionOf(info, 'fill');
      const own = info.lines.filter((row) => row.addr >= fill.low && row.addr < fill.high && row.isStmt);
      const expected = ['s->sc = -3;', 's->byte_bits = 9;', 's->next = s;'].map((text) => lineOf('shapes.c', text));
      for (const line of expected)
        assert.ok(
          own.some((row) => row.file === shapes && row.line === line),
          `line ${line}`,
        );
      const prologue = own.find((row) => row.prologueEnd);
      assert.equal(prologue?.line, lineOf('shapes.c', 'const char *from'));
      assert.ok(prologue && prologue.addr > fill.low);
    });

    it('sorts sequences, ascends within each and ends each', () => {
      let open = false;
      let last = 0;
      for (const row of info.lines) {
        assert.ok(row.addr >= last, `0x${row.addr.toString(16)} comes after 0x${last.toString(16)}`);
        last = row.addr;
        open = !row.endSequence;
      }
      assert.equal(open, false);
    });

    it('gives blocks as they nest, with parameters, shadowed names and statics', () => {
      const { scope } = functionOf(info, 'shadow');
      const at = (text: string): number => lineOf('shapes.c', text);
      const value = at('int value = n + 1;');
      assert.deepEqual(
        scope.variables.filter(({ parameter }) => parameter).map((variable) => variable.name),
        ['n'],
      );
      const nested = outline({
        ...scope,
        variables: scope.variables.filter(({ location }) => location.kind === 'frame'),
      });
      assert.deepEqual(nested, [
        `n@${at('static int shadow(int n)')}`,
        `value@${value}`,
        [
          `i@${at('for (int i = 0; i < 1; i++)')}`,
          [`value@${at('long value = n + 100;')}`, [`value@${at('u8 value = 3;')}`]],
        ],
        [`value@${at('int value = -1;')}`],
      ]);
      const statics = scope.variables.filter(({ location }) => location.kind === 'static');
      assert.deepEqual(
        statics.map((variable) => variable.name),
        ['calls', 'calls'],
      );
    });

    it('bounds each block by code within its parent', () => {
      const check = (scope: Scope, low: number, high: number): void => {
        assert.ok(scope.ranges.length > 0);
        for (const range of scope.ranges) assert.ok(range.low >= low && range.high <= high && range.low < range.high);
        for (const block of scope.blocks) check(block, scope.ranges[0]?.low ?? 0, scope.ranges[0]?.high ?? 0);
      };
      for (const fn of info.functions) check(fn.scope, fn.low, fn.high);
    });

    it('finds globals by unit, with address and type', () => {
      const counters = info.globals.filter((variable) => variable.name === 'counter');
      assert.deepEqual(counters.map(({ file }) => info.files[file]).sort(), ['/src/other.c', '/src/shapes.c']);
      assert.ok(counters.every(({ location, external }) => location.kind === 'static' && !external));
      const shared = info.globals.filter((variable) => variable.name === 'shared_global');
      assert.equal(shared.length, 1, 'the extern declaration of the other unit is no variable of its own');
      assert.equal(shared[0]?.external, true);
      const shape = info.globals.find((variable) => variable.name === 'the_shape');
      assert.equal(shape && bare(shape.type).kind, 'struct');
    });

    it('lays structs out as C does', () => {
      const shape = structOf(info, 'shape');
      assert.equal(shape.size, 136);
      const offsets = new Map(shape.members.map((member) => [member.name, member.offset]));
      assert.deepEqual(
        ['name', 'sc', 'yes', 'colour', 'big', 'd', 'in', 'op', 'matrix', 'next', 'flex'].map((key) =>
          offsets.get(key),
        ),
        [0, 16, 17, 20, 24, 48, 56, 80, 92, 124, 132],
      );
      const inner = structOf(info, 'inner');
      assert.deepEqual(
        inner.members.map((member) => member.name),
        ['a', undefined, 'tail'],
      );
      const union = inner.members[1] && bare(inner.members[1].type);
      assert.equal(union?.kind, 'union');
    });

    it('puts bit-fields at the byte of their lowest bit, also across storage units', () => {
      const bits = (type: string) =>
        structOf(info, type)
          .members.filter((member) => member.bitField)
          .map(({ name: member, offset, bitField }) => [member, offset, bitField?.shift, bitField?.bits]);
      assert.deepEqual(bits('shape'), [
        ['flag_a', 116, 0, 1],
        ['flag_b', 116, 1, 3],
        ['sbits', 116, 4, 5],
        ['rest', 117, 1, 23],
        ['byte_bits', 120, 0, 4],
      ]);
      assert.deepEqual(bits('packed_bits'), [
        ['cross', 1, 0, 14],
        ['after', 2, 6, 20],
      ]);
    });

    it('reads arrays, pointers to functions and enums', () => {
      const member = (wanted: string): Type => {
        const found = structOf(info, 'shape').members.find((each) => each.name === wanted);
        assert.ok(found);
        return bare(found.type);
      };
      const matrix = member('matrix');
      assert.ok(matrix.kind === 'array' && matrix.of.kind === 'array');
      assert.deepEqual([matrix.count, matrix.of.count], [2, 3]);
      const flex = member('flex');
      assert.equal(flex.kind === 'array' && flex.count, undefined);
      const op = member('op');
      const target = op.kind === 'pointer' ? op.to : undefined;
      assert.ok(target?.kind === 'function');
      assert.equal(target.parameters.length, 2);
      const colour = member('colour');
      assert.ok(colour.kind === 'enum');
      assert.equal(colour.signed, true);
      assert.deepEqual(colour.enumerators, [
        { name: 'RED', value: 0n },
        { name: 'GREEN', value: 5n },
        { name: 'BLUE', value: -2n },
      ]);
    });

    it('finds enumerators of unnamed enums', () => {
      assert.equal(info.types.enumerator('ANONYMOUS_LIMIT')?.value, 1234n);
      assert.equal(info.types.enumerator('NO_SUCH_THING'), undefined);
    });

    it('takes a struct that one unit only declares from the unit that defines it', () => {
      const who = functionOf(info, 'other_unit', '/src/other.c').scope.variables.find((each) => each.name === 'who');
      const target = who && bare(who.type);
      const opaque = target?.kind === 'pointer' ? bare(target.to) : undefined;
      assert.ok(opaque?.kind === 'struct');
      assert.equal(opaque.incomplete, false);
      assert.deepEqual(
        opaque.members.map((member) => member.name),
        ['hidden'],
      );
    });

    it('knows a struct that no unit defines as incomplete', () => {
      const abroad = structOf(info, 'shape').members.find((member) => member.name === 'abroad');
      const nowhere = abroad?.type.kind === 'pointer' ? abroad.type.to : undefined;
      assert.ok(nowhere?.kind === 'struct');
      assert.deepEqual([nowhere.name, nowhere.incomplete, nowhere.members], ['nowhere', true, []]);
    });

    it('says why a struct passed by value cannot be read', () => {
      const copy = functionOf(info, 'by_value').scope.variables.find((each) => each.name === 'copy');
      assert.ok(copy?.location.kind === 'none');
      assert.match(copy.location.why, /wasm local/);
    });
  });
}

describe('DWARF reader, versions compared', () => {
  for (const compiler of ['clang14', 'clang22']) {
    it(`reads the same from DWARF 4 and 5 of ${compiler}`, () => {
      const four = read(`${compiler}-dwarf4`);
      const five = read(`${compiler}-dwarf5`);
      const rows = (info: DebugInfo) => info.lines.map((row) => ({ ...row, file: info.files[row.file] }));
      const functions = (info: DebugInfo) =>
        info.functions.map((fn) => [
          fn.name,
          fn.low,
          fn.high,
          fn.line,
          info.files[fn.file],
          fn.frameBaseLocal,
          outline(fn.scope),
        ]);
      assert.deepEqual(rows(five), rows(four));
      assert.deepEqual(functions(five), functions(four));
      assert.ok(four.lines.length > 150);
    });
  }

  it('reads an optimised module, and says of its variables that they cannot be read', () => {
    const info = read('clang22-dwarf5-O2');
    const run = functionOf(info, 'run');
    const argc = run.scope.variables.find((variable) => variable.name === 'argc');
    assert.equal(argc?.location.kind, 'none');
    assert.ok(info.lines.length > 0);
  });

  it('reads a block whose code is scattered as a list of ranges, the same from both versions', () => {
    const ranges = (name: string): unknown => {
      const { scope } = functionOf(read(name), 'scattered', '/src/ranges.c');
      const [block] = scope.blocks;
      assert.ok(block);
      // what llvm-dwarfdump says
      assert.deepEqual(block.ranges, [
        { low: 0x21, high: 0x2c },
        { low: 0x38, high: 0x48 },
      ]);
      return [block, ...block.blocks].map((each) => each.ranges);
    };
    assert.deepEqual(ranges('ranges-dwarf5'), ranges('ranges-dwarf4'));
  });
});
