// Damaged debug information: every outcome is an answer or a DwarfError, soon.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DwarfError, readDebugInfo, type DebugInfo, type Scope, type Type } from '../../../src/toolchain/dwarf';

function load(name: string): Uint8Array {
  return new Uint8Array(readFileSync(`test/fixtures/dwarf/${name}.wasm`));
}

/** xorshift32 */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Reads everything that is read lazily. */
function exhaust(info: DebugInfo): number {
  const seen = new Set<Type>();
  const visit = (start: Type): void => {
    const pending = [start];
    for (let type = pending.pop(); type; type = pending.pop()) {
      if (seen.has(type)) continue;
      seen.add(type);
      // an array may nest in itself when references are damaged: each step makes a new object
      if (seen.size > 20_000) return;
      if (type.kind === 'pointer' || type.kind === 'typedef' || type.kind === 'qualified') pending.push(type.to);
      else if (type.kind === 'array') pending.push(type.of);
      else if (type.kind === 'function') pending.push(type.returns, ...type.parameters);
      else if (type.kind === 'struct' || type.kind === 'union') pending.push(...type.members.map((m) => m.type));
      else if (type.kind === 'enum') void type.enumerators.length;
    }
  };
  const scope = ({ variables, blocks }: Scope): void => {
    variables.forEach((variable) => visit(variable.type));
    blocks.forEach(scope);
  };
  info.functions.forEach((fn) => scope(fn.scope));
  info.globals.forEach((variable) => visit(variable.type));
  info.types.aggregates().forEach(visit);
  info.types.enumerator('none');
  return seen.size;
}

/** Byte range of the module that holds debug sections: damage elsewhere changes nothing. */
function debugRange(wasm: Uint8Array): [from: number, to: number] {
  const from = Buffer.from(wasm).indexOf('.debug_');
  const to = Buffer.from(wasm).lastIndexOf('.debug_line');
  assert.ok(from > 0 && to > from);
  return [from, wasm.length];
}

/** @returns false when it was refused */
function attempt(wasm: Uint8Array): boolean {
  try {
    exhaust(readDebugInfo(wasm));
    return true;
  } catch (error) {
    if (!(error instanceof DwarfError)) throw error;
    assert.match(error.message, /^debug information: /);
    return false;
  }
}

describe('DWARF reader on bad input', () => {
  it('refuses what is no wasm module', () => {
    assert.throws(() => readDebugInfo(new TextEncoder().encode('int main(void) {}')), /no wasm module/);
    assert.throws(() => readDebugInfo(new Uint8Array(0)), /no wasm module/);
    assert.throws(() => readDebugInfo(new Uint8Array([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0])), /wasm version 2, expected 1/);
  });

  it('refuses a module without debug information, and says what to do', () => {
    assert.throws(() => readDebugInfo(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])), /no \.debug_info.*-g/);
  });

  it('names section and offset of an unknown version', () => {
    const wasm = load('clang22-dwarf4');
    const info = Buffer.from(wasm).indexOf('.debug_info') + '.debug_info'.length;
    wasm[info + 4] = 3;
    assert.throws(() => readDebugInfo(wasm), /\.debug_info at 0x6: found DWARF version 3, expected 4 or 5/);
  });

  for (const name of ['clang22-dwarf4', 'clang22-dwarf5']) {
    it(`reads the undamaged ${name} to the end`, () => {
      assert.ok(exhaust(readDebugInfo(load(name))) > 20);
    });

    it(`survives ${name} cut off anywhere`, () => {
      const wasm = load(name);
      const [from] = debugRange(wasm);
      let refused = 0;
      for (let length = from; length < wasm.length; length += 7) if (!attempt(wasm.subarray(0, length))) refused++;
      assert.ok(refused > 100);
    });

    it(`survives ${name} with random bytes changed`, () => {
      const next = random(0x5eed);
      const original = load(name);
      const [from, to] = debugRange(original);
      let refused = 0;
      for (let round = 0; round < 400; round++) {
        const wasm = original.slice();
        const changes = 1 + (next() % 4);
        for (let i = 0; i < changes; i++) wasm[from + (next() % (to - from))] = next() & 0xff;
        if (!attempt(wasm)) refused++;
      }
      assert.ok(refused > 20 && refused < 400, `${refused} of 400 were refused`);
    });
  }
});
