// Variables of a program that ran: the values are the bytes that its own code wrote.
import assert from 'node:assert/strict';
import { runFixture, type Fixture, type Stop } from './fixture';
import type { Variable } from '../../../src/guest';

function stopOf(fixture: Fixture, where: number): Stop {
  const stop = fixture.stops.get(where);
  assert.ok(stop, `the program did not call stop(${where})`);
  return stop;
}

function values(list: readonly Variable[]): Record<string, string> {
  return Object.fromEntries(list.map(({ name, value }) => [name, value]));
}

for (const name of ['clang14-dwarf4', 'clang14-dwarf5', 'clang22-dwarf4', 'clang22-dwarf5']) {
  describe(`values in ${name}`, () => {
    let fixture: Fixture;
    let shape: readonly Variable[];
    before(async () => {
      fixture = await runFixture(name);
      const { inspector, frame } = stopOf(fixture, 1);
      shape = inspector.evaluate('*s', frame).children();
    });

    it('shows every kind of member as the program set it', () => {
      const shown = values(shape);
      const address = /0x[0-9a-f]+/g;
      const expected: Record<string, string> = {
        name: '"virtio0"',
        sc: "-3 '\\375'",
        yes: 'true',
        colour: 'BLUE (-2)',
        big: '18364758544493064720',
        negative: '-5000000000',
        f: '1.5',
        d: '-0.25',
        abroad: '0x0',
        op: '0x1 <add>',
        data: '0xfffffff0',
        flag_a: '1',
        flag_b: '5',
        sbits: '-7',
        rest: '1193046',
        byte_bits: '9',
      };
      for (const [member, value] of Object.entries(expected)) assert.equal(shown[member], value, member);
      assert.equal(shown['title']?.replace(address, '…'), '… "one"');
      assert.equal(shown['in'], '{a = -11, {word = 131073, {low = 1, high = 2}}, tail = […]}');
    });

    it('lists members of anonymous unions and structs among the others', () => {
      const inner = shape.find((variable) => variable.name === 'in');
      assert.deepEqual(values(inner?.children() ?? []), {
        a: '-11',
        word: '131073',
        low: '1',
        high: '2',
        tail: '[3] {0, 0, 122}',
      });
      assert.equal(inner?.namedCount, 5);
    });

    it('spells types as C does', () => {
      const types = Object.fromEntries(shape.map((variable) => [variable.name, variable.type]));
      assert.equal(types['op'], 'int (*)(int, int)');
      assert.equal(types['title'], 'const char *');
      assert.equal(types['matrix'], 'int[2][3]');
      assert.equal(types['name'], 'char[16]');
      assert.equal(types['colour'], 'enum colour');
      assert.equal(types['flex'], 'u16[]');
    });

    it('opens pointers, structs and arrays with expressions that mean the same', () => {
      const { inspector, frame } = stopOf(fixture, 1);
      const again = (variable: Variable): void => {
        assert.ok(variable.evaluateName, variable.name);
        const evaluated = inspector.evaluate(variable.evaluateName, frame);
        assert.deepEqual(
          [evaluated.value, evaluated.address],
          [variable.value, variable.address],
          variable.evaluateName,
        );
      };
      const local = inspector.locals(frame);
      for (const variable of local) {
        again(variable);
        for (const child of variable.children(0, 3)) {
          again(child);
          child.children(0, 3).forEach(again);
        }
      }
      const next = shape.find((variable) => variable.name === 'next');
      assert.equal(next?.children().find((variable) => variable.name === 'sbits')?.evaluateName, 's->next->sbits');
    });

    it('pages the elements of an array', () => {
      const { inspector, frame } = stopOf(fixture, 1);
      const numbers = inspector.evaluate('numbers', frame);
      assert.deepEqual([numbers.namedCount, numbers.indexedCount], [0, 300]);
      assert.equal(numbers.children().length, 300);
      assert.deepEqual(values(numbers.children(297, 100)), { '[297]': '88209', '[298]': '88804', '[299]': '89401' });
      assert.deepEqual(numbers.children(300, 10), []);
    });

    it('lists the first elements of a flexible array and says so', () => {
      const { inspector, frame } = stopOf(fixture, 1);
      const flex = inspector.evaluate('flexible->flex', frame);
      assert.match(flex.value, /length not known/);
      assert.equal(flex.children()[3]?.value, '48879');
      assert.equal(inspector.evaluate('flexible->flex@4', frame).value, '[4] {0, 0, 0, 48879}');
    });

    it('names the innermost of variables with one name, and marks the others', () => {
      const { inspector, frame } = stopOf(fixture, 2);
      assert.deepEqual(
        inspector.locals(frame).map(({ name: shown, type, value }) => `${type} ${shown} = ${value}`),
        [
          'int calls (line 38, shadowed) = 1',
          'int n = 3',
          'int value (line 39, shadowed) = 4',
          'int i = 0',
          'long value (line 43, shadowed) = 103',
          'u8 value = 3',
          'int calls = 1001',
        ].map((line) => line.replace(/line (\d+)/, (_, number: string) => `line ${Number(number) - 2}`)),
      );
      assert.equal(inspector.evaluate('value', frame).value, '3');
      assert.equal(inspector.evaluate('calls', frame).value, '1001');
    });

    it('leaves the names of a block behind with the block', () => {
      const { inspector, frame } = stopOf(fixture, 3);
      assert.deepEqual(values(inspector.locals(frame)), { calls: '1', n: '108', value: '4' });
      assert.equal(inspector.evaluate('calls', frame).value, '1');
    });

    it('takes statics of one name from the unit of the frame, and asks for a frame otherwise', () => {
      const first = stopOf(fixture, 1);
      const second = stopOf(fixture, 5);
      assert.equal(first.inspector.evaluate('counter', first.frame).value, '7');
      assert.equal(second.inspector.evaluate('counter', second.frame).value, '1000');
      assert.equal(second.inspector.evaluate('shared_global').value, '42');
      assert.throws(() => second.inspector.evaluate('counter'), /"counter" is static in .*shapes\.c and .*other\.c/);
      assert.ok(second.inspector.statics(second.frame).some((variable) => variable.name === 'counter'));
      assert.ok(second.inspector.globals().some((variable) => variable.name === 'counter (other.c)'));
    });

    it('says why a struct passed by value cannot be read', () => {
      const { inspector, frame } = stopOf(fixture, 4);
      const copy = inspector.locals(frame).find((variable) => variable.name === 'copy');
      assert.match(copy?.value ?? '', /^<cannot be read: /);
      assert.throws(() => inspector.evaluate('copy.a', frame), /"copy" cannot be read/);
    });

    it('shows memory that cannot be read as such, and does not open it', () => {
      const { inspector, frame } = stopOf(fixture, 1);
      const evaluate = (text: string): Variable => inspector.evaluate(text, frame);
      assert.equal(evaluate('*(u16 *)0').value, '<cannot read 0x0>');
      assert.equal(evaluate('*(struct shape *)0xfffffff0').value, '<cannot read 0xfffffff0>');
      assert.equal(evaluate('(struct shape *)0xfffffff0').namedCount, 0);
      assert.equal(evaluate('(char *)0xfffffff0').value, '0xfffffff0 <cannot read 0xfffffff0>');
      assert.equal(evaluate('nothing').namedCount, 0);
      assert.throws(() => evaluate('*(int *)0 + 1'), /cannot read 4 bytes at 0x0/);
    });
  });
}
