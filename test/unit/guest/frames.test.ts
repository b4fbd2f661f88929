// Names of frames, and what a variable says of itself besides its value.
import assert from 'node:assert/strict';
import { runFixture, type Fixture, type Stop } from './fixture';
import { frameName } from '../../../src/guest';

describe('frames and variables', () => {
  let fixture: Fixture;
  let stop: Stop;
  before(async () => {
    fixture = await runFixture('clang22-dwarf5');
    const found = fixture.stops.get(1);
    assert.ok(found);
    stop = found;
  });

  it('a frame is named by its function, its place by the site', () => {
    const { program } = fixture;
    const name = frameName(program, stop.frame);
    assert.equal(name?.function, 'run');
    assert.equal(name.line, program.sites[stop.frame.site ?? 0]?.line);
  });

  it('a frame in a prologue stands at the declaration of its function', () => {
    const { program } = fixture;
    const func = stop.frame.func;
    assert.equal(frameName(program, { func })?.line, program.functions[func]?.line);
    assert.equal(frameName(program, { func: 0xffff }), undefined);
  });

  it('a frame in a prologue knows the names of the function’s outermost block', () => {
    const { inspector, frame } = stop;
    const names = inspector.locals({ func: frame.func, base: frame.base }).map((variable) => variable.name);
    assert.ok(names.includes('argc') && names.includes('numbers') && !names.includes('i'));
  });

  it('a frame that nobody knows has no locals', () => {
    assert.deepEqual(stop.inspector.locals({ func: 0xffffffff, base: 0 }), []);
  });

  it('values can be set where they are single and in memory', () => {
    const settable = (text: string): boolean => stop.inspector.evaluate(text, stop.frame).settable;
    assert.deepEqual(
      ['head', 's', 's->sbits', 'numbers[3]', 'numbers', 'local', 'head + 1', '*(int *)0'].map(settable),
      [true, true, true, true, false, false, false, false],
    );
  });

  it('a memory view of a pointer opens what it points to, of anything else its own bytes', () => {
    const { inspector, frame } = stop;
    const reference = (text: string): string | undefined => inspector.evaluate(text, frame).memoryReference;
    const own = (text: string): string => `0x${inspector.evaluate(text, frame).address?.toString(16)}`;
    assert.equal(reference('s'), own('*s'));
    assert.equal(reference('numbers'), own('numbers'));
    assert.equal(reference('head'), own('head'));
    assert.equal(reference('nothing'), undefined);
  });
});
