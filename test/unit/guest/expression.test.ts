// C expressions: values and types as a C compiler for wasm32 has them, and what is refused.
import assert from 'node:assert/strict';
import { runFixture, type Fixture, type Stop } from './fixture';
import { ExpressionError, hoverExpression } from '../../../src/guest';

let fixture: Fixture;
let stop: Stop;

before(async () => {
  fixture = await runFixture('clang22-dwarf4');
  const found = fixture.stops.get(1);
  assert.ok(found);
  stop = found;
});

function evaluate(text: string): string {
  const { type, value } = stop.inspector.evaluate(text, stop.frame);
  return `${type}: ${value}`;
}

function refusal(text: string): ExpressionError {
  try {
    stop.inspector.evaluate(text, stop.frame);
  } catch (error) {
    assert.ok(error instanceof ExpressionError, String(error));
    return error;
  }
  return assert.fail(`"${text}" was not refused`);
}

describe('C expressions', () => {
  const cases: readonly (readonly [string, string])[] = [
    // constants
    ['42', 'int: 42'],
    ['0x7fffffff', 'int: 2147483647'],
    ['0xffffffff', 'unsigned int: 4294967295'],
    ['4294967295', 'long long: 4294967295'],
    ['2147483648', 'long long: 2147483648'],
    ['1ul', 'unsigned long: 1'],
    ['1ull', 'unsigned long long: 1'],
    ['0xffffffffffffffff', 'unsigned long long: 18446744073709551615'],
    ['010', 'int: 8'],
    ['0b101', 'int: 5'],
    ["'a'", 'int: 97'],
    ["'\\n'", 'int: 10'],
    ["'\\377'", 'int: -1'],
    ['1.5', 'double: 1.5'],
    ['0.1f', 'float: 0.1'],
    // promotion and the usual conversions
    ['-1 < 1u', 'int: 0'],
    ['-1 < 1', 'int: 1'],
    ['-1 < 1ul', 'int: 0'],
    ['-1 < 1ull', 'int: 0'],
    ['(u16)65535 + 1', 'int: 65536'],
    ['idx + 1', 'int: 65536'],
    ['(u16)(idx + 1)', 'u16: 0'],
    ['~idx', 'int: -65536'],
    ['0x7fffffff + 1', 'int: -2147483648'],
    ['0u - 1', 'unsigned int: 4294967295'],
    ['0xffffffffu * 2', 'unsigned int: 4294967294'],
    ['0xffffffffffffffff + 2', 'unsigned long long: 1'],
    ['s->flag_b - 6', 'int: -1'],
    ['s->rest - s->rest - 1', 'int: -1'],
    ['1 + 1.0', 'double: 2'],
    ['1 / 3.0f', 'float: 0.33333334'],
    ['1l + 1u', 'unsigned long: 2'],
    // operators
    ['7 / 2', 'int: 3'],
    ['-7 / 2', 'int: -3'],
    ['-7 % 2', 'int: -1'],
    ['1 + 2 * 3', 'int: 7'],
    ['(1 + 2) * 3', 'int: 9'],
    ['1 << 31', 'int: -2147483648'],
    ['-8 >> 1', 'int: -4'],
    ['0xfffffff8 >> 1', 'unsigned int: 2147483644'],
    ['1ull << 40', 'unsigned long long: 1099511627776'],
    ['6 & 3 | 8 ^ 1', 'int: 11'],
    ['!s', 'int: 0'],
    ['!nothing', 'int: 1'],
    ['1 ? 2 : 3', 'int: 2'],
    ['0 ? 1 : 0 ? 2 : 3', 'int: 3'],
    ['1 ? -1 : 0u', 'unsigned int: 4294967295'],
    ['(1, 2)', 'int: 2'],
    ['1 || 1 / 0', 'int: 1'],
    ['0 && *(int *)0', 'int: 0'],
    ['1 == 1 != 0', 'int: 1'],
    ['- - 3', 'int: 3'],
    // memory
    ['numbers[head]', 'int: 4'],
    ['head[numbers]', 'int: 4'],
    ['*(numbers + 3)', 'int: 9'],
    ['&numbers[5] - numbers', 'int: 5'],
    ['s->in.high', 'u16: 2'],
    ['(*s).pin->word', 'u32: 131073'],
    ['s->pin == &s->in', 'int: 1'],
    ['s->next == s', 'int: 1'],
    ['s->op == add', 'int: 1'],
    ['s->colour', 'enum colour: BLUE (-2)'],
    ['s->colour == BLUE', 'int: 1'],
    ['s->colour < RED', 'int: 1'],
    ['GREEN | 2', 'int: 7'],
    ['ANONYMOUS_LIMIT / 2', 'unsigned int: 617'],
    ['s->matrix[1][2]', 'int: 6'],
    ['s->title[1]', "const char: 110 'n'"],
    ['*s->secret', 'struct opaque: {hidden = 99}'],
    ['bits.cross', 'u32: 10940'],
    ['bits.after', 'u32: 632229'],
    ['s->sbits * 2', 'int: -14'],
    ['s->yes + 1', 'int: 2'],
    ['s->f * 2', 'float: 3'],
    // casts and sizes
    ['(unsigned char)300', "unsigned char: 44 ','"],
    ['(u8)300', 'u8: 44'],
    ['(short)65535', 'short: -1'],
    ['(_Bool)256', '_Bool: true'],
    ['(int)-1.9', 'int: -1'],
    ['(enum colour)5', 'enum colour: GREEN (5)'],
    ['((struct shape *)s->next)->sc', "signed char: -3 '\\375'"],
    ['*(u16 *)&s->in.word', 'u16: 1'],
    ['(long)-1', 'long: -1'],
    ['(unsigned long long)-1', 'unsigned long long: 18446744073709551615'],
    ['(long long int)1', 'long long: 1'],
    ['sizeof(struct shape)', 'unsigned int: 136'],
    ['sizeof(long) + sizeof(void *) + sizeof(u64)', 'unsigned int: 16'],
    ['sizeof numbers / sizeof numbers[0]', 'unsigned int: 300'],
    ['sizeof(int[4])', 'unsigned int: 16'],
    ['sizeof s->flex', 'unsigned int: 0'],
    ['(const volatile struct inner *)0', 'struct inner *: 0x0'],
    // artificial arrays
    ['*numbers@3', 'int[3]: [3] {0, 1, 4}'],
    ['numbers[2]@head', 'int[2]: [2] {4, 9}'],
    ['s->pin@1', 'struct inner[1]: [1]'],
    ['words[0]@1', 'const char *const [1]: [1] {…}'],
    ['*numbers@head+1', 'int[3]: [3] {0, 1, 4}'],
    // formats
    ['s->big,x', 'u64: 0xfedcba9876543210'],
    ['s->sbits,x', 'int: 0x19'],
    ['-1,x', 'int: 0xffffffff'],
    ['head,b', 'int: 0b10'],
    ['8,o', 'int: 010'],
    ['s->title,x', 'const char *: 0x…'],
    ['s->in.tail[2],c', "u8: 122 'z'"],
    ['s->in.tail,s', 'u8[3]: ""'],
    ['s->colour,d', 'enum colour: -2'],
    [
      's->name,x',
      'char[16]: [16] {0x76, 0x69, 0x72, 0x74, 0x69, 0x6f, 0x30, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, …}',
    ],
  ];
  for (const [text, expected] of cases) {
    it(`${text} is ${expected}`, () => {
      const found = evaluate(text)
        .replace(/0x[0-9a-f]{5}\b/g, '0x…')
        .replace('{0x… "zero"}', '{…}');
      assert.equal(found, expected);
    });
  }

  it('evaluates what a C compiler evaluated: the program returned what its return statement says', () => {
    const at = fixture.stops.get(5);
    assert.ok(at);
    const { inspector, frame } = at;
    assert.equal(inspector.evaluate('total == n * 2 && n == 7', frame).value, '1');
    // shadow(3) + by_value(local, 4) + twice(3) + other_unit(7) + 0 + (u16)(65535 + 1) + 1
    assert.equal(fixture.result, 107 + 5 + 81 + 6 + (14 + 1000 + 42 + 5) + 0 + 0 + 1);
  });
});

describe('refused expressions', () => {
  const cases: readonly (readonly [text: string, message: RegExp, offset: number, length: number])[] = [
    ['kfree(s)', /^cannot call kfree\(\): expressions have no side effects$/, 0, 5],
    ['1 + add(1, 2)', /^cannot call add\(\)/, 4, 3],
    ['s->op(1, 2)', /^cannot call op\(\)/, 0, 5],
    ['s->sc = 3', /"=" would change the driver/, 0, 9],
    ['head++', /"\+\+" would change the driver/, 0, 6],
    ['--head', /"--" would change the driver/, 0, 6],
    ['head += 1', /"\+=" would change the driver/, 0, 9],
    [
      'VRING_DESC_F_NEXT',
      /^no symbol "VRING_DESC_F_NEXT" in this scope \(macros are not in the debug information\)$/,
      0,
      17,
    ],
    ['s->titel', /^struct shape has no member "titel"; did you mean "title"\?$/, 3, 5],
    ['s.name', /is a pointer, use "->"/, 0, 1],
    ['local->a', /is no pointer: use "\." instead/, 0, 5],
    ['head.x', /^int has no members$/, 0, 4],
    ['*head', /^int is no pointer$/, 0, 5],
    ['*nothing', /void \* cannot be dereferenced/, 0, 8],
    ['s->abroad->x', /struct nowhere is only declared/, 0, 12],
    ['*s + 1', /does not apply to struct shape and int/, 0, 6],
    ['s + s', /two pointers cannot be added/, 0, 5],
    ['s * 2', /"\*" does not apply to struct shape \* and int/, 0, 5],
    ['1.5 % 2', /"%" does not apply to double and int/, 0, 7],
    ['&s->flag_a', /a bit-field has no address/, 0, 10],
    ['&1', /only what lies in memory has an address/, 0, 2],
    ['(struct inner)1', /cannot be cast to struct inner/, 0, 15],
    ['(struct nothing_like_it *)s', /no type "struct nothing_like_it"/, 1, 24],
    ['1 / 0', /division by zero/, 0, 5],
    ['1 << 32', /32-bit value cannot be shifted by 32/, 0, 7],
    ['numbers@0', /found 0 elements, expected 1 to/, 8, 1],
    ['"text"', /string constant has no address/, 0, 6],
    ['', /empty/, 0, 1],
    ['1 +', /found the end of the expression, expected a value/, 3, 1],
    ['(1', /expected "\)"/, 2, 1],
    ['1 2', /found "2", expected an operator/, 2, 1],
    ['12ab', /"12ab" is no number/, 0, 4],
    ['09', /no octal number/, 0, 2],
    ["'a", /closing ' is missing/, 0, 2],
    ['a # b', /"#" has no place/, 2, 1],
    ['s->', /expected the name of a member/, 3, 1],
  ];
  for (const [text, message, offset, length] of cases) {
    it(`${text === '' ? 'nothing' : text}`, () => {
      const error = refusal(text);
      assert.match(error.message, message);
      assert.deepEqual([error.offset, error.length], [offset, length]);
    });
  }

  it('survives nesting and length that nobody writes', () => {
    assert.match(refusal('('.repeat(5000) + '1').message, /nested too deeply/);
    assert.match(refusal('-'.repeat(5001) + '1').message, /nested too deeply|side effects/);
    assert.match(refusal('a='.repeat(5000) + '1').message, /nested too deeply/);
    assert.match(refusal('1?'.repeat(5000) + '1').message, /nested too deeply/);
    assert.equal(stop.inspector.evaluate(`0${'+1'.repeat(2000)}`, stop.frame).value, '2000');
  });

  it('survives random tokens', () => {
    const words = [
      's',
      'head',
      'numbers',
      '->',
      '.',
      '[',
      ']',
      '(',
      ')',
      '*',
      '&',
      '+',
      '-',
      '@',
      ',',
      '?',
      ':',
      '1',
      'sizeof',
    ];
    words.push('struct', 'shape', 'u16', 'int', '<<', '==', '!', '0x10', "'c'", '1.5', '=', 'name', 'pin', 'x');
    let state = 12345;
    let answered = 0;
    for (let round = 0; round < 5000; round++) {
      let text = '';
      for (let i = 0; i < 1 + (round % 8); i++) {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        text += ` ${words[(state >>> 16) % words.length]}`;
      }
      try {
        void stop.inspector.evaluate(text, stop.frame).children(0, 4);
        answered++;
      } catch (error) {
        assert.ok(error instanceof ExpressionError, `${text}: ${String(error)}`);
      }
    }
    assert.ok(answered > 100, `${answered} made sense`);
  });
});

describe('assignment', () => {
  const written = (target: string, value: string): { text: string; shown: string } => {
    const { address, bytes, text } = stop.inspector.assign(target, value, stop.frame);
    const saved = stop.memory.slice(address, address + bytes.length);
    stop.memory.set(bytes, address);
    const shown = stop.inspector.evaluate(target, stop.frame).value;
    const neighbours = stop.inspector.evaluate('s->flag_a + s->flag_b * 10', stop.frame).value;
    stop.memory.set(saved, address);
    return { text, shown: `${shown} (${neighbours})` };
  };
  const cases: readonly (readonly [string, string, string])[] = [
    ['head', '5', '5 (51)'],
    ['head', 'head * 2 + GREEN', '9 (51)'],
    ['idx', '65536 + 3', '3 (51)'],
    ['s->big', '-1', '18446744073709551615 (51)'],
    ['s->sbits', '-16', '-16 (51)'],
    ['s->flag_b', '2', '2 (21)'],
    ['s->rest', '0x7fffff', '8388607 (51)'],
    ['bits.after', '0xfffff', '1048575 (51)'],
    ['s->colour', 'RED', 'RED (0) (51)'],
    ['s->yes', '256', 'true (51)'],
    ['s->f', '0.5', '0.5 (51)'],
    ['s->d', '3', '3 (51)'],
    ['s->op', 'add', '0x1 <add> (51)'],
    ['numbers[7]', '-1', '-1 (51)'],
    ['s->name', '"eth0"', '"eth0" (51)'],
  ];
  for (const [target, value, shown] of cases) {
    it(`${target} = ${value}`, () => {
      assert.deepEqual(written(target, value), { text: `${target} = ${value}`, shown });
    });
  }

  it('refuses what cannot be assigned', () => {
    const refused = (target: string, value: string, message: RegExp): void => {
      assert.throws(() => stop.inspector.assign(target, value, stop.frame), message);
    };
    refused('1', '2', /has no place in memory/);
    refused('local', '2', /cannot be assigned as a whole/);
    refused('numbers', '2', /cannot be assigned as a whole/);
    refused('*(int *)0', '2', /there is no RAM at 0x0/);
    refused('s->name', '"longer than sixteen bytes"', /do not fit in char\[16\]/);
    refused('head', 'kfree(s)', /cannot call kfree/);
  });
});

describe('conditions and log messages', () => {
  it('are compiled for the names at a site', () => {
    const site = fixture.site('shapes.c', 'n += value;');
    const inner = fixture.stops.get(2);
    assert.ok(inner);
    const { inspector, frame } = inner;
    const condition = inspector.compileCondition('value == 3 && calls > 1000', frame.site ?? 0);
    assert.equal(condition(frame.base), 1n);
    assert.equal(inspector.compileCondition('value == 4', frame.site ?? 0)(frame.base), 0n);
    assert.throws(() => inspector.compileCondition('total', site), /no symbol "total"/);
    assert.throws(() => inspector.compileCondition('the_shape', site), /a condition is a number or a pointer/);
  });

  it('read nothing when compiled, and say what they cannot read', () => {
    const { inspector, frame } = stop;
    const condition = inspector.compileCondition('*(int *)nothing', frame.site ?? 0);
    assert.throws(() => condition(frame.base), /cannot read 4 bytes at 0x0/);
  });

  it('put values into a message', () => {
    const { inspector, frame } = stop;
    const message = inspector.compileTemplate(
      'head {head}, name {s->name}, {s->in}, {s->sbits,x} \\{{idx}\\} {*(int *)0}',
      frame.site ?? 0,
    );
    assert.equal(
      message(frame.base),
      'head 2, name "virtio0", {a = -11, {word = 131073, {low = 1, high = 2}}, tail = […]}, 0x19 {65535} <cannot read 4 bytes at 0x0>',
    );
    assert.throws(
      () => inspector.compileTemplate('so {nobody}', frame.site ?? 0),
      (error: unknown) => error instanceof ExpressionError && error.offset === 4,
    );
    assert.throws(() => inspector.compileTemplate('open {head', frame.site ?? 0), /closing } is missing/);
  });
});

describe('hover', () => {
  const hovered = (marked: string): string | undefined => {
    const column = marked.indexOf('|');
    const line = marked.replace('|', '');
    const range = hoverExpression(line, column);
    return range && line.slice(range.start, range.end);
  };
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['x = desc[head].l|en + 2;', 'desc[head].len'],
    ['x = desc[he|ad].len + 2;', 'head'],
    ['x = de|sc[head].len + 2;', 'desc'],
    ['vq->vring.av|ail->idx = 1', 'vq->vring.avail'],
    ['vq->vring.avail->id|x = 1', 'vq->vring.avail->idx'],
    ['vq -> vring . nu|m', 'vq -> vring . num'],
    ['(*skb).l|en', '(*skb).len'],
    ['f(a).b|c', undefined],
    ['f(a)->b.c|d', undefined],
    ['vq->desc[i & (num - 1)].fl|ags', 'vq->desc[i & (num - 1)].flags'],
    ['a[b[1]].c|d', 'a[b[1]].cd'],
    ['kfr|ee(skb)', undefined],
    ['ret|urn head;', undefined],
    ['"he|ad"', undefined],
    ['x; // he|ad', undefined],
    ['12 +| 3', undefined],
    ['head|', 'head'],
  ];
  for (const [marked, expected] of cases) {
    it(`${marked} is ${expected ?? 'nothing'}`, () => {
      assert.equal(hovered(marked), expected);
    });
  }
});
