// Entry point of lguest's transport.
export { LguestTransport } from './lguest';
