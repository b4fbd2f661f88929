// Entry point of the room: a look into a live driver instance, over its memory and its debug information.
export { ExpressionError, hoverExpression } from './expression';
export type { Assignment } from './assign';
export { frameName, type FrameName } from './frames';
export type { Inspection } from './inspection';
export { Inspector } from './inspector';
export { findRingOverlay, type FieldPlace, type RingOverlay } from './ring-overlay';
export type { FrameRef } from './scope';
export { compileTemplate } from './template';
export { findSkbLayout, type SkbLayout } from './skb-layout';
export { typeName } from './types';
export type { Variable } from './variable';
