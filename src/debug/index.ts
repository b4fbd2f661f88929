// Entry point of the room: the debug adapter over a machine.
export { CAPABILITIES } from './capabilities';
export type { Inspection } from '../guest';
export type { LaunchArguments } from './launch';
export type { SessionListener } from './live';
export type { Requests } from './requests';
export { serve } from './serve';
export { VirtioSession, type SessionOptions } from './session';
