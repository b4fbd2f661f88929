// Variable: what the debugger shows of a value, with its children made when they are asked for.

export interface Variable {
  readonly name: string;
  /** C expression that yields it again; undefined when there is none (a shadowed variable, a formatter's own line) */
  readonly evaluateName?: string;
  /** as C spells it */
  readonly type: string;
  readonly value: string;
  /** guest pointer, where it lies in memory; of a bit-field, of the first byte that holds it */
  readonly address?: number;
  /** bytes */
  readonly size?: number;
  readonly namedCount: number;
  readonly indexedCount: number;
  /** What a memory view should open: of a pointer, what it points to. `0x…` */
  readonly memoryReference?: string;
  readonly settable: boolean;
  /** Named children first, then the indexed ones from `start`, at most `count`; all without arguments. */
  children(start?: number, count?: number): readonly Variable[];
}

/** What a Variable is made of. `named` and `element` are called for children when they are wanted. */
export interface VariableSpec {
  readonly name: string;
  readonly evaluateName?: string;
  readonly type: string;
  readonly value: string;
  readonly address?: number;
  readonly size?: number;
  readonly memoryReference?: string;
  readonly settable?: boolean;
  readonly named?: () => readonly Variable[];
  readonly indexedCount?: number;
  readonly element?: (index: number) => Variable;
}

export function makeVariable(spec: VariableSpec): Variable {
  const { element, indexedCount = 0 } = spec;
  let made: readonly Variable[] | undefined;
  const named = (): readonly Variable[] => (made ??= spec.named?.() ?? []);
  return {
    name: spec.name,
    evaluateName: spec.evaluateName,
    type: spec.type,
    value: spec.value,
    address: spec.address,
    size: spec.size,
    memoryReference: spec.memoryReference,
    settable: spec.settable ?? false,
    // counted when asked: the children of all values would be those of all that pointers lead to
    get namedCount() {
      return named().length;
    },
    indexedCount,
    children(start = 0, count = indexedCount) {
      const list = [...named()];
      if (!element) return list;
      const end = Math.min(indexedCount, start + count);
      for (let index = Math.max(0, start); index < end; index++) list.push(element(index));
      return list;
    },
  };
}

/** A name for a memory view. */
export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
