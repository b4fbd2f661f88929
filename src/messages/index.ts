// Entry point of the room: guards of the messages between the extension and its pages. Pure; imports nothing.
export * from './again';
export * from './checks';
export { timelineWindow } from './timeline';
