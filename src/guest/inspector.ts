// Inspector: looks into a driver's memory through debug information, and works out what to write. Writes nothing itself.
import type { DebugInfo, Program, VariableInfo } from '../toolchain';
import { assignment, type Assignment } from './assign';
import { compileExpression, hoverExpression, type Compiled, type Environment } from './expression';
import { formatScalar, splitFormat, type Format } from './format';
import { readWord } from './memory';
import { kernelFormatters } from './pretty';
import { isTrue } from './scalar';
import { ProgramNames, ScopeNames, type CodePlace, type FrameRef } from './scope';
import { compileTemplate } from './template';
import { asScalar, strip, typeName } from './types';
import { show, type Look } from './values';
import { makeVariable, type Variable } from './variable';

/** Looks at one driver instance. Methods throw Errors whose messages are for the user; ExpressionError also tells the place. */
export class Inspector {
  private readonly names: ProgramNames;

  /** @param memory the guest's RAM, its first byte pointer 0; asked anew for each look */
  constructor(
    readonly program: Program,
    readonly debugInfo: DebugInfo,
    private readonly memory: () => Uint8Array,
  ) {
    this.names = new ProgramNames(program, debugInfo);
  }

  /** Parameters and locals of the blocks around the frame's place; the innermost of a name is the one that expressions mean. */
  locals(frame: FrameRef): readonly Variable[] {
    const place = this.names.placeOf(frame);
    if (!place) return [];
    const names = new ScopeNames(this.names, place);
    return names
      .visible()
      .map(({ variable, shadowed }) =>
        shadowed
          ? this.showVariable(variable, frame.base, `${variable.name} (line ${variable.line}, shadowed)`, undefined)
          : this.showVariable(variable, frame.base, variable.name, variable.name),
      );
  }

  /**
   * Variables at file scope, external and static, in order of their files.
   * @param file index in DebugInfo.files: only this file's
   */
  globals(file?: number): readonly Variable[] {
    return this.debugInfo.globals
      .filter(({ location, file: own }) => location.kind !== 'none' && (file === undefined || own === file))
      .map((variable) => {
        const unique = this.isGlobal(variable);
        const origin = this.debugInfo.files[variable.file]?.split('/').pop() ?? '?';
        return this.showVariable(
          variable,
          0,
          unique ? variable.name : `${variable.name} (${origin})`,
          unique ? variable.name : undefined,
        );
      });
  }

  /** Static variables of the unit that a frame's function is in. */
  statics(frame: FrameRef): readonly Variable[] {
    const unit = this.names.placeOf(frame)?.fn.unit;
    return this.debugInfo.globals
      .filter(({ location, unit: own, external }) => location.kind !== 'none' && own === unit && !external)
      .map((variable) => this.showVariable(variable, 0, variable.name, variable.name));
  }

  /**
   * Evaluates a C expression, with `ptr@n` and a format suffix (`,x ,d ,b ,c ,s ,o`).
   * @param frame whose variables it may use; without one, globals only
   * @throws ExpressionError
   */
  evaluate(text: string, frame?: FrameRef): Variable {
    const { expression, format } = splitFormat(text);
    const environment = this.environment(frame?.base ?? 0);
    const compiled = compileExpression(expression, this.scope(frame), environment);
    const name = text.trim();
    const look = this.look(format);
    if (compiled.place) {
      const address = compiled.place.address(environment);
      const at = { kind: 'place', address, bitField: compiled.place.bitField } as const;
      return show(look, { name, evaluateName: expression.trim(), type: compiled.type, at });
    }
    if (strip(compiled.type).kind === 'void') return makeVariable({ name, type: 'void', value: '(void)' });
    const value = compiled.load(environment);
    return show(look, { name, evaluateName: expression.trim(), type: compiled.type, at: { kind: 'scalar', value } });
  }

  /**
   * What has to be written so that `target` has a value.
   * @param value a C expression, or a string constant for an array of characters
   * @throws ExpressionError
   */
  assign(target: string, value: string, frame?: FrameRef): Assignment {
    return assignment(target, value, this.scope(frame), this.environment(frame?.base ?? 0));
  }

  /**
   * Compiles a condition for a site: made once, called each time the driver passes.
   * @returns a function of the frame base that yields 0n or 1n; it throws ExpressionError when memory cannot be read
   * @throws ExpressionError when the text is no valid condition there
   */
  compileCondition(text: string, site: number): (base: number) => bigint {
    const compiled = compileExpression(splitFormat(text).expression, this.scopeAt(site));
    requireScalar(compiled, text);
    return (base) => (isTrue(compiled.load(this.environment(base))) ? 1n : 0n);
  }

  /**
   * Compiles a log message with `{expressions}`; `\{` is a brace.
   * @returns a function of the frame base; an expression that cannot be read then shows as `<why>`
   * @throws ExpressionError when an expression is not valid at the site
   */
  compileTemplate(text: string, site: number): (base: number) => string {
    const names = this.scopeAt(site);
    return compileTemplate(text, (expression) => {
      const { expression: bare, format } = splitFormat(expression);
      const compiled = compileExpression(bare, names);
      return (base) => this.text(compiled, base, format);
    });
  }

  /** See expression/hover.ts. */
  hoverExpression(line: string, column: number): { start: number; end: number } | undefined {
    return hoverExpression(line, column);
  }

  private text(compiled: Compiled, base: number, format: Format | undefined): string {
    const environment = this.environment(base);
    const scalar = asScalar(compiled.type);
    const look = this.look(format);
    if (scalar) {
      const bits = compiled.place?.bitField?.bits;
      return formatScalar(compiled.load(environment), compiled.type, scalar, look, format, bits);
    }
    const { place, type } = compiled;
    if (!place) return typeName(type);
    return show(look, { name: '', type, at: { kind: 'place', address: place.address(environment) } }).value;
  }

  private showVariable(variable: VariableInfo, base: number, name: string, evaluateName: string | undefined): Variable {
    const { location, type } = variable;
    const look = this.look();
    switch (location.kind) {
      case 'none':
        return makeVariable({ name, type: typeName(type), value: `<cannot be read: ${location.why}>` });
      case 'constant':
        return show(look, { name, evaluateName, type, at: { kind: 'scalar', value: location.value } });
      case 'static':
        return show(look, { name, evaluateName, type, at: { kind: 'place', address: location.address } });
      case 'frame': {
        const at = (base + location.offset) >>> 0;
        const address = location.deref ? (readWord(look.memory, at) ?? 0) : at;
        return show(look, { name, evaluateName, type, at: { kind: 'place', address } });
      }
    }
  }

  /** True when its name alone means it, in the global scope. */
  private isGlobal(variable: VariableInfo): boolean {
    try {
      return this.names.global(variable.name, undefined) === variable;
    } catch {
      return false;
    }
  }

  private scope(frame: FrameRef | undefined): ScopeNames {
    return new ScopeNames(this.names, frame && this.names.placeOf(frame));
  }

  private scopeAt(site: number): ScopeNames {
    const place: CodePlace | undefined = this.names.placeOfSite(site);
    if (!place) throw new Error(`there is no site ${site} in this program`);
    return new ScopeNames(this.names, place);
  }

  private environment(base: number): Environment {
    return { memory: this.memory(), base };
  }

  private look(format?: Format): Look {
    return {
      memory: this.memory(),
      types: this.debugInfo.types,
      functionName: (pointer) => this.program.table[pointer],
      formatters: kernelFormatters,
      format,
    };
  }
}

function requireScalar(compiled: Compiled, text: string): void {
  const { kind } = strip(compiled.type);
  if (kind === 'struct' || kind === 'union' || kind === 'void' || kind === 'unknown') {
    throw new Error(`"${text.trim()}" is a ${typeName(compiled.type)}: a condition is a number or a pointer`);
  }
}
