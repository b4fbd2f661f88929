// Entry point of the room: from states to sentences. Pure; imports virtqueue/ only.
export type { DiagnosisInput, DiagnosisStop, DiagnosisThread } from './input';
export { unanswered, type UnansweredLoop } from './loops';
export { queueSentence } from './sentence';
export { stall } from './stall';
export type { Stall, StallKind } from './stall';
