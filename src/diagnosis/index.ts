// Entry point of the room: from states to sentences. Pure; imports virtqueue/ only.
export type { DiagnosisInput, DiagnosisStop, DiagnosisThread } from './input';
export { queueSentence } from './sentence';
export { stall } from './stall';
export type { Stall, StallKind } from './stall';
