// Entry point of the expression evaluator: C expressions over memory and names, without side effects.
export { compileExpression, convertTo } from './compile';
export type { Compiled, Environment } from './compiled';
export { ExpressionError } from './error';
export type { Names } from './names';
export { hoverExpression } from './hover';
