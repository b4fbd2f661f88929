// Direct calls in a stretch of a driver's code, read from the uninstrumented module.
import type { Program } from './program';
import { ByteReader } from './wasm/bytes';
import { newInstruction, OP, readInstruction } from './wasm/instruction';
import { readModule } from './wasm/module';

/**
 * Functions with debug information that code addresses [from, to) call directly: indices in Program.functions, in order of the calls.
 * @param from address of an instruction, as DWARF counts it
 */
export function callsBetween(program: Program, from: number, to: number): number[] {
  const module = readModule(program.wasm);
  const byStart = new Map(program.functions.map((f) => [f.low, f.id]));
  const reader = new ByteReader(program.wasm, module.codeBase + from, module.codeBase + to);
  const instruction = newInstruction();
  const calls: number[] = [];
  while (reader.pos < module.codeBase + to) {
    readInstruction(reader, instruction);
    if (instruction.op !== OP.call) continue;
    const body = module.bodies[instruction.index - module.importedFunctions];
    const id = body && byStart.get(body.start - module.codeBase);
    if (id !== undefined) calls.push(id);
  }
  return calls;
}
