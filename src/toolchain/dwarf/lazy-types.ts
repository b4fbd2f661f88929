// Types whose contents are read on first use: a type may refer to itself, and most of a header's are never looked at.
import type { FunctionType, Member, StructType, Type } from './model';

/** Makes a value on the first call, and gives the same one ever after. */
export function memo<T>(make: () => T): () => T {
  let value: { readonly it: T } | undefined;
  return () => (value ??= { it: make() }).it;
}

export class LazyPointer {
  readonly kind = 'pointer';
  private readonly target: () => Type;
  constructor(
    readonly size: number,
    target: () => Type,
  ) {
    this.target = memo(target);
  }
  get to(): Type {
    return this.target();
  }
}

export class LazyTypedef {
  readonly kind = 'typedef';
  private readonly target: () => Type;
  constructor(
    readonly name: string,
    target: () => Type,
  ) {
    this.target = memo(target);
  }
  get to(): Type {
    return this.target();
  }
}

export class LazyQualified {
  readonly kind = 'qualified';
  private readonly target: () => Type;
  constructor(
    readonly qualifier: 'const' | 'volatile' | 'restrict' | '_Atomic',
    target: () => Type,
  ) {
    this.target = memo(target);
  }
  get to(): Type {
    return this.target();
  }
}

export class LazyArray {
  readonly kind = 'array';
  private readonly element: () => Type;
  constructor(
    readonly count: number | undefined,
    element: () => Type,
  ) {
    this.element = memo(element);
  }
  get of(): Type {
    return this.element();
  }
}

export class LazyStruct implements StructType {
  private readonly list: () => Member[];
  constructor(
    readonly kind: 'struct' | 'union',
    readonly name: string | undefined,
    readonly size: number,
    readonly incomplete: boolean,
    readonly unit: number,
    members: () => Member[],
  ) {
    this.list = memo(members);
  }
  get members(): readonly Member[] {
    return this.list();
  }
}

export class LazyFunction implements FunctionType {
  readonly kind = 'function';
  private readonly result: () => Type;
  private readonly list: () => { parameters: Type[]; variadic: boolean };
  constructor(returns: () => Type, parameters: () => { parameters: Type[]; variadic: boolean }) {
    this.result = memo(returns);
    this.list = memo(parameters);
  }
  get returns(): Type {
    return this.result();
  }
  get parameters(): readonly Type[] {
    return this.list().parameters;
  }
  get variadic(): boolean {
    return this.list().variadic;
  }
}
