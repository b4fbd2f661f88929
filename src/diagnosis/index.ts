// Entry point of the room: from states to sentences. Pure; imports virtqueue/ only.
export { kickVerdict } from './facts';
export type { DiagnosisInput, DiagnosisStop, DiagnosisThread } from './input';
export { unanswered, type UnansweredLoop } from './loops';
export { queueReason, queueSentence } from './sentence';
export type { Clause, Party, Reason, Wait } from './sentence';
export { stall } from './stall';
export type { Stall, StallKind } from './stall';
