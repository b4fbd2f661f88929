// Compiles a C expression to a closure that reads memory and nothing else. Types, names and offsets are settled once.
import type { Type, VariableInfo } from '../../toolchain';
import { convert, isTrue, type Scalar } from '../scalar';
import {
  asAggregate,
  asScalar,
  DOUBLE,
  findMember,
  FLOAT,
  INT,
  isFloat,
  isInteger,
  namedMembers,
  sizeOf,
  strip,
  typeName,
  UINT,
  type ScalarType,
} from '../types';
import {
  ArithmeticError,
  arithmeticType,
  commonType,
  isComparison,
  literalType,
  needsIntegers,
  operation,
  prefixOperation,
  type ArithmeticOperator,
} from './arithmetic';
import {
  addressOf,
  constant,
  decay,
  elementSize,
  failure,
  fromPlace,
  fromVariable,
  isPointerLike,
  pointee,
  scalarLoader,
  type Compiled,
  type Environment,
} from './compiled';
import { ExpressionError } from './error';
import type { Span } from './lexer';
import { resolveTypeName, type Names } from './names';
import { parseExpression } from './parser';
import type { Expression } from './syntax';

/** Most elements that `first @ count` may ask for: more is a slip, and would be a table nobody reads. */
const MAX_SLICE = 1 << 20;

/**
 * @param now where the expression will be evaluated, if it is once and at once: lets the right side of `@` be a variable
 * @throws ExpressionError for what is no C expression, names nothing, or would have side effects
 */
export function compileExpression(text: string, names: Names, now?: Environment): Compiled {
  // a variable hides a type of its name, as in C
  const isTypeName = (name: string): boolean => names.variable(name) === undefined && names.typedef(name) !== undefined;
  return new Compiler(names, now).compile(parseExpression(text, isTypeName));
}

/** @throws ExpressionError for a type that C cannot convert the value to */
export function convertTo(value: Compiled, type: Type, environment: Environment): { type: ScalarType; value: Scalar } {
  const target = asScalar(type);
  if (!target) throw failure(value.span, `a ${typeName(type)} cannot be assigned as a whole: assign its members`);
  return { type: target, value: convert(value.load(environment), target) };
}

class Compiler {
  constructor(
    private readonly names: Names,
    private readonly now: Environment | undefined,
  ) {}

  compile(expression: Expression): Compiled {
    switch (expression.kind) {
      case 'integer': {
        const type = literalType(expression.value, expression.suffix, expression.decimal);
        return constant(expression, type, expression.value);
      }
      case 'float':
        return constant(expression, expression.single ? FLOAT : DOUBLE, expression.value);
      case 'char':
        return constant(expression, INT, expression.value);
      case 'string':
        throw failure(expression, 'a string constant has no address in the driver: compare characters one by one');
      case 'name':
        return this.name(expression);
      case 'unary':
        return this.unary(expression);
      case 'binary':
        return this.binary(expression);
      case 'conditional':
        return this.conditional(expression);
      case 'member':
        return this.member(expression);
      case 'index':
        return this.dereference(expression, this.add(expression, '+', expression.object, expression.index));
      case 'cast':
        return this.cast(expression);
      case 'sizeof': {
        const { of } = expression;
        const type = of.kind === 'type' ? resolveTypeName(of, this.names) : this.compile(of).type;
        return constant(expression, UINT, BigInt(sizeOf(type)));
      }
      case 'slice':
        return this.slice(expression);
      case 'call':
        throw failure(expression.callee, `cannot call ${spell(expression.callee)}(): expressions have no side effects`);
      case 'assignment':
        throw failure(
          expression,
          `"${expression.operator}" would change the driver: expressions have no side effects (use Set Value)`,
        );
    }
  }

  private name(expression: Expression & { kind: 'name' }): Compiled {
    const { name } = expression;
    const variable = this.variable(expression);
    if (variable) return fromVariable(expression, variable);
    const enumerator = this.names.enumerator(name);
    if (enumerator) return constant(expression, enumerator.type, enumerator.value);
    const found = this.names.function(name);
    if (found) {
      return {
        type: found.type,
        span: expression,
        load: () => {
          if (found.pointer !== undefined) return BigInt(found.pointer);
          throw failure(expression, `${name} has no address: nothing in the driver takes it`);
        },
      };
    }
    throw failure(expression, `no symbol "${name}" in this scope (macros are not in the debug information)`);
  }

  private variable(expression: Expression & { kind: 'name' }): VariableInfo | undefined {
    try {
      return this.names.variable(expression.name);
    } catch (error) {
      throw failure(expression, error instanceof Error ? error.message : String(error));
    }
  }

  private unary(expression: Expression & { kind: 'unary' }): Compiled {
    const operand = this.compile(expression.operand);
    if (expression.operator === '*') return this.dereference(expression, operand);
    if (expression.operator === '&') return addressOf(expression, operand);
    const type = arithmeticType(decay(operand).type, operand.place?.bitField?.bits);
    const prefix = type && prefixOperation(expression.operator, type);
    if (!prefix) throw failure(expression, `"${expression.operator}" does not apply to a ${typeName(operand.type)}`);
    const load = scalarLoader(operand);
    const widen = prefix.type === type;
    return {
      type: prefix.type,
      span: expression,
      load: (environment) => {
        const value = load(environment);
        return prefix.compute(widen ? convert(value, prefix.type) : value);
      },
    };
  }

  private binary(expression: Expression & { kind: 'binary' }): Compiled {
    const { operator } = expression;
    const left = this.compile(expression.left);
    const right = this.compile(expression.right);
    if (operator === ',') return { ...right, span: expression };
    if (operator === '&&' || operator === '||') return logical(expression, operator, left, right);
    if (operator === '+' || operator === '-') return this.add(expression, operator, left, right);
    if (isComparison(operator) && (isPointerLike(left) || isPointerLike(right))) {
      return arithmetic(expression, operator, INT, UINT, left, right);
    }
    const [leftType, rightType] = operands(expression, operator, left, right);
    if (operator === '<<' || operator === '>>')
      return arithmetic(expression, operator, leftType, leftType, left, right);
    const common = commonType(leftType, rightType);
    return arithmetic(expression, operator, isComparison(operator) ? INT : common, common, left, right);
  }

  /** `+` and `-`, which know pointers too. */
  private add(span: Span, operator: '+' | '-', first: Expression | Compiled, second: Expression | Compiled): Compiled {
    const left = decay('kind' in first ? this.compile(first) : first);
    const right = decay('kind' in second ? this.compile(second) : second);
    const leftTarget = pointee(left.type);
    const rightTarget = pointee(right.type);
    if (leftTarget && rightTarget) {
      if (operator === '+') throw failure(span, 'two pointers cannot be added');
      return pointerDifference(span, left, right, elementSize(span, leftTarget));
    }
    if (leftTarget && isInteger(right.type))
      return movePointer(span, left, right, operator, elementSize(span, leftTarget));
    if (rightTarget && operator === '+' && isInteger(left.type)) {
      return movePointer(span, right, left, '+', elementSize(span, rightTarget));
    }
    const [leftType, rightType] = operands(span, operator, left, right);
    const common = commonType(leftType, rightType);
    return arithmetic(span, operator, common, common, left, right);
  }

  private conditional(expression: Expression & { kind: 'conditional' }): Compiled {
    const condition = scalarLoader(this.compile(expression.condition));
    const then = decay(this.compile(expression.then));
    const otherwise = decay(this.compile(expression.otherwise));
    const types = [then, otherwise].map(({ type, place }) => arithmeticType(type, place?.bitField?.bits));
    const [thenType, otherwiseType] = types;
    if (!thenType || !otherwiseType) {
      throw failure(expression, '"?:" chooses between numbers and pointers only');
    }
    const pointer = [thenType, otherwiseType].find((type) => type.kind === 'pointer');
    const type = pointer ?? commonType(thenType, otherwiseType);
    return {
      type,
      span: expression,
      load: (environment) => convert((isTrue(condition(environment)) ? then : otherwise).load(environment), type),
    };
  }

  private member(expression: Expression & { kind: 'member' }): Compiled {
    const object = this.compile(expression.object);
    const through = expression.arrow ? this.dereference(expression.object, object, '->') : object;
    const aggregate = asAggregate(through.type);
    if (!aggregate) throw noMembers(expression, object, through);
    if (aggregate.incomplete) {
      throw failure(expression, `${typeName(aggregate)} is only declared in this driver: its members are not known`);
    }
    const found = findMember(aggregate, expression.name);
    if (!found) {
      const known = namedMembers(aggregate).map(({ name }) => name);
      throw new ExpressionError(
        `${typeName(aggregate)} has no member "${expression.name}"${suggest(expression.name, known)}`,
        expression.end - expression.name.length,
        expression.name.length,
      );
    }
    const { place } = through;
    if (!place) throw failure(expression, 'this value has no place in memory, so its members cannot be read');
    return fromPlace(expression, found.type, {
      address: (environment) => (place.address(environment) + found.offset) >>> 0,
      bitField: found.bitField,
    });
  }

  private dereference(span: Span, pointer: Compiled, operator = '*'): Compiled {
    const value = decay(pointer);
    const target = pointee(value.type);
    if (!target) {
      const hint = operator === '->' && asAggregate(value.type) ? ': use "." instead of "->"' : '';
      throw failure(span, `${typeName(pointer.type)} is no pointer${hint}`);
    }
    if (strip(target).kind === 'void')
      throw failure(span, 'void * cannot be dereferenced: cast it to a pointer type first');
    if (strip(target).kind === 'function') return { ...value, type: target, span };
    const { load } = value;
    return fromPlace(span, target, { address: (environment) => Number(load(environment)) });
  }

  private cast(expression: Expression & { kind: 'cast' }): Compiled {
    const type = resolveTypeName(expression.type, this.names);
    const operand = decay(this.compile(expression.operand));
    const target = asScalar(type);
    if (!target) {
      throw failure(
        expression,
        `a value cannot be cast to ${typeName(type)}: cast its address, *(${typeName(type)} *)&…`,
      );
    }
    const load = scalarLoader(operand);
    return { type, span: expression, load: (environment) => convert(load(environment), target) };
  }

  private slice(expression: Expression & { kind: 'slice' }): Compiled {
    const first = this.compile(expression.first);
    const counted = this.compile(expression.count);
    const count = this.countNow(counted);
    // gdb wants the first element (`*ptr@n`); a pointer that is named (`vq->desc@n`) means what it points to
    const { kind } = expression.first;
    const byPointer = (kind !== 'index' && kind !== 'unary') || !first.place;
    const start = byPointer && pointee(decay(first).type) ? this.dereference(expression.first, first) : first;
    if (!start.place || start.place.bitField)
      throw failure(expression.first, 'the left side of "@" has no place in memory');
    const { place } = start;
    if (count < 1 || count > MAX_SLICE) {
      throw failure(expression.count, `found ${count} elements, expected 1 to ${MAX_SLICE}`);
    }
    return fromPlace(expression, { kind: 'array', of: start.type, count: Number(count) }, place);
  }

  /** The right side of `@` becomes part of a type, so its value is needed now. */
  private countNow(count: Compiled): Scalar {
    return count.load(this.now ?? { memory: NO_MEMORY, base: 0 });
  }
}

const NO_MEMORY = new Uint8Array(0);

function logical(span: Span, operator: '&&' | '||', left: Compiled, right: Compiled): Compiled {
  const first = scalarLoader(left);
  const second = scalarLoader(right);
  const stopsOn = operator === '||';
  return {
    type: INT,
    span,
    load: (environment) => {
      const known = isTrue(first(environment));
      return (known === stopsOn ? known : isTrue(second(environment))) ? 1n : 0n;
    },
  };
}

/** Both operands of a binary operator as promoted scalars. */
function operands(span: Span, operator: string, left: Compiled, right: Compiled): [ScalarType, ScalarType] {
  const types = [left, right].map((value) => arithmeticType(decay(value).type, value.place?.bitField?.bits));
  const [leftType, rightType] = types;
  const wholeOnly = needsIntegers(operator as ArithmeticOperator);
  const fits = (type: ScalarType | undefined): type is ScalarType =>
    type !== undefined && type.kind !== 'pointer' && !(wholeOnly && isFloat(type));
  if (!fits(leftType) || !fits(rightType)) {
    throw failure(span, `"${operator}" does not apply to ${typeName(left.type)} and ${typeName(right.type)}`);
  }
  return [leftType, rightType];
}

/** @param common type that both sides are converted to; of a shift, the left side's alone */
function arithmetic(
  span: Span,
  operator: ArithmeticOperator,
  result: ScalarType,
  common: ScalarType,
  left: Compiled,
  right: Compiled,
): Compiled {
  const first = scalarLoader(left);
  const second = scalarLoader(right);
  const compute = operation(operator, common);
  const isShift = operator === '<<' || operator === '>>';
  return {
    type: result,
    span,
    load: (environment) => {
      const a = convert(first(environment), common);
      const b = second(environment);
      try {
        return compute(a, isShift ? b : convert(b, common));
      } catch (error) {
        if (error instanceof ArithmeticError) throw failure(span, error.message);
        throw error;
      }
    },
  };
}

function movePointer(span: Span, pointer: Compiled, index: Compiled, operator: '+' | '-', size: bigint): Compiled {
  const first = scalarLoader(pointer);
  const second = scalarLoader(index);
  const step = operator === '+' ? size : -size;
  return {
    type: pointer.type,
    span,
    load: (environment) => BigInt.asUintN(32, (first(environment) as bigint) + (second(environment) as bigint) * step),
  };
}

function pointerDifference(span: Span, left: Compiled, right: Compiled, size: bigint): Compiled {
  const first = scalarLoader(left);
  const second = scalarLoader(right);
  return {
    type: INT,
    span,
    load: (environment) => BigInt.asIntN(32, (first(environment) as bigint) - (second(environment) as bigint)) / size,
  };
}

function noMembers(expression: Expression & { kind: 'member' }, object: Compiled, through: Compiled): ExpressionError {
  const target = expression.arrow ? undefined : pointee(object.type);
  const hint = target && asAggregate(target) ? ': it is a pointer, use "->"' : '';
  return failure(expression.object, `${typeName(through.type)} has no members${hint}`);
}

/** `, did you mean "len"?` when one name is close. */
function suggest(wanted: string, known: readonly string[]): string {
  const close = known.find((name) => name.toLowerCase() === wanted.toLowerCase() || isOneEditAway(name, wanted));
  return close === undefined ? '' : `; did you mean "${close}"?`;
}

function isOneEditAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || Math.min(a.length, b.length) < 3) return false;
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i++;
  const restA = a.slice(i);
  const restB = b.slice(i);
  const swapped = restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
  return swapped || restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1);
}

/** What a refused call was spelled like: a name, or the last member of a path. */
function spell(callee: Expression): string {
  if (callee.kind === 'name' || callee.kind === 'member') return callee.name;
  return 'a function through a pointer';
}
