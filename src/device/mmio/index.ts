// Entry point of the register machine.
export { raiseInterrupt, readRegister, writeRegister } from './mmio';
export { queueLayout } from './queues';
export * from './state';
