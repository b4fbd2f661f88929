// Entry point of the room: everything that VS Code shows of the lab, besides the debug adapter.
export { copyDriver } from './commands/copy-driver';
export { copyLibraryFile } from './commands/copy-library-file';
export { runScenario } from './commands/run-scenario';
export { ConfigurationProvider } from './launch/configuration';
export { Problems } from './problems';
export { RingFeed } from './ring-feed';
