// Runs a unit's line number program (DWARF 5, section 6.2) and yields its rows and its file table.
import { Cursor } from './cursor';
import type { DebugSections } from './sections';
import type { LineRow } from './model';
import type { FormContext, Units } from './unit';

/** One run of rows with ascending addresses, ended by an endSequence row. Its file numbers are those of the unit's table. */
export interface LineTable {
  /** full paths, by the unit's own file numbers; number 0 is unused in DWARF 4 */
  readonly paths: readonly string[];
  readonly sequences: readonly (readonly LineRow[])[];
}

const LNCT_PATH = 1;
const LNCT_DIRECTORY_INDEX = 2;

const EXTENDED = { end_sequence: 1, set_address: 2 } as const;
const STANDARD = {
  copy: 1,
  advance_pc: 2,
  advance_line: 3,
  set_file: 4,
  set_column: 5,
  negate_stmt: 6,
  const_add_pc: 8,
  fixed_advance_pc: 9,
  set_prologue_end: 10,
} as const;

interface Header {
  readonly end: number;
  readonly program: number;
  readonly minimumInstructionLength: number;
  readonly defaultIsStmt: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeLengths: readonly number[];
  readonly paths: readonly string[];
}

/**
 * @param offset of the unit's line program in .debug_line
 * @param compDir the unit's compilation directory, to which relative paths refer
 * @throws DwarfError when the program cannot be read
 */
export function readLineTable(
  units: Units,
  sections: DebugSections,
  unit: FormContext,
  offset: number,
  compDir: string,
): LineTable {
  const cursor = new Cursor('.debug_line', sections.get('.debug_line'), offset);
  const header = readHeader(cursor, units, unit, compDir);
  cursor.position = header.program;
  cursor.end = header.end;
  return { paths: header.paths, sequences: runProgram(cursor, header) };
}

function readHeader(cursor: Cursor, units: Units, unit: FormContext, compDir: string): Header {
  const length = cursor.u32();
  const end = cursor.position + length;
  if (end > cursor.end) cursor.fail(`the line program's length 0x${length.toString(16)} exceeds the section`);
  cursor.end = end;
  const version = cursor.u16();
  if (version < 2 || version > 5) cursor.fail(`found line table version ${version}, expected 2 to 5`);
  if (version >= 5) cursor.skip(2); // address size and segment selector size
  const headerLength = cursor.u32();
  const program = cursor.position + headerLength;
  if (program > end) cursor.fail('the header is longer than its line program');
  const minimumInstructionLength = cursor.u8();
  if (version >= 4) cursor.skip(1); // operations per instruction: 1 but on VLIW machines
  const defaultIsStmt = cursor.u8() !== 0;
  const lineBase = cursor.s8();
  const lineRange = cursor.u8();
  if (lineRange === 0) cursor.fail('found line_range 0, expected at least 1');
  const opcodeBase = cursor.u8();
  const opcodeLengths = [0];
  for (let opcode = 1; opcode < opcodeBase; opcode++) opcodeLengths.push(cursor.u8());
  const paths = version >= 5 ? readPaths5(cursor, units, unit, compDir) : readPaths4(cursor, compDir);
  return { end, program, minimumInstructionLength, defaultIsStmt, lineBase, lineRange, opcodeLengths, paths };
}

function readPaths4(cursor: Cursor, compDir: string): string[] {
  const directories = [compDir];
  for (let name = cursor.string(); name !== ''; name = cursor.string()) directories.push(joinPath(compDir, name));
  const paths = [''];
  for (let name = cursor.string(); name !== ''; name = cursor.string()) {
    const directory = directories[cursor.uleb()] ?? compDir;
    cursor.skipLeb(); // time of last modification
    cursor.skipLeb(); // length in bytes
    paths.push(joinPath(directory, name));
  }
  return paths;
}

function readPaths5(cursor: Cursor, units: Units, unit: FormContext, compDir: string): string[] {
  const directories = readEntries5(cursor, units, unit).map(({ path }) => joinPath(compDir, path));
  return readEntries5(cursor, units, unit).map((entry) =>
    joinPath(directories[entry.directory] ?? compDir, entry.path),
  );
}

function readEntries5(cursor: Cursor, units: Units, unit: FormContext): { path: string; directory: number }[] {
  const format: [content: number, form: number][] = [];
  const formatCount = cursor.u8();
  for (let i = 0; i < formatCount; i++) format.push([cursor.uleb(), cursor.uleb()]);
  const count = cursor.uleb();
  // each entry takes at least a byte, so a greater count is damage, not a long list
  if (count > cursor.end - cursor.position) cursor.fail(`found ${count} path entries, more than there are bytes`);
  const entries = [];
  for (let i = 0; i < count; i++) {
    const entry = { path: '', directory: 0 };
    for (const [content, form] of format) {
      const value = units.readForm(cursor, form, 0, unit);
      if (content === LNCT_PATH && typeof value === 'string') entry.path = value;
      else if (content === LNCT_DIRECTORY_INDEX) entry.directory = Number(value);
    }
    entries.push(entry);
  }
  return entries;
}

/** A path below a directory unless it is absolute, with `.` and `..` resolved. */
export function joinPath(directory: string, name: string): string {
  const full = name.startsWith('/') || /^[A-Za-z]:[\\/]/.test(name) ? name : `${directory}/${name}`;
  const parts: string[] = [];
  for (const part of full.split('/')) {
    if (part === '..' && parts.length > 0 && parts[parts.length - 1] !== '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return (full.startsWith('/') ? '/' : '') + parts.join('/');
}

function runProgram(cursor: Cursor, header: Header): LineRow[][] {
  const { minimumInstructionLength, lineBase, lineRange, opcodeLengths } = header;
  const opcodeBase = opcodeLengths.length;
  const sequences: LineRow[][] = [];
  let rows: LineRow[] = [];
  let addr = 0;
  let file = 1;
  let line = 1;
  let column = 0;
  let isStmt = header.defaultIsStmt;
  let prologueEnd = false;

  const emit = (endSequence: boolean): void => {
    rows.push({ addr, file, line, column, isStmt, prologueEnd, endSequence });
    prologueEnd = false;
  };

  while (!cursor.atEnd) {
    const opcode = cursor.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      addr += Math.floor(adjusted / lineRange) * minimumInstructionLength;
      line += lineBase + (adjusted % lineRange);
      emit(false);
      continue;
    }
    switch (opcode) {
      case 0: {
        const length = cursor.uleb();
        if (length === 0) break;
        const after = cursor.position + length;
        const extended = cursor.u8();
        if (extended === EXTENDED.set_address) addr = cursor.u32();
        else if (extended === EXTENDED.end_sequence) {
          emit(true);
          sequences.push(rows);
          rows = [];
          addr = 0;
          file = 1;
          line = 1;
          column = 0;
          isStmt = header.defaultIsStmt;
        }
        cursor.position = after - 1;
        cursor.skip(1); // checks that the operation lies within the program
        break;
      }
      case STANDARD.copy:
        emit(false);
        break;
      case STANDARD.advance_pc:
        addr += cursor.uleb() * minimumInstructionLength;
        break;
      case STANDARD.advance_line:
        line += cursor.sleb();
        break;
      case STANDARD.set_file:
        file = cursor.uleb();
        break;
      case STANDARD.set_column:
        column = cursor.uleb();
        break;
      case STANDARD.negate_stmt:
        isStmt = !isStmt;
        break;
      case STANDARD.const_add_pc:
        addr += Math.floor((255 - opcodeBase) / lineRange) * minimumInstructionLength;
        break;
      case STANDARD.fixed_advance_pc:
        addr += cursor.u16();
        break;
      case STANDARD.set_prologue_end:
        prologueEnd = true;
        break;
      default:
        // one the lab has no use for (basic block, epilogue, ISA) or does not know: the header says how many operands
        for (let i = 0; i < (opcodeLengths[opcode] as number); i++) cursor.skipLeb();
    }
  }
  return sequences;
}
