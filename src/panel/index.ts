// Entry point of the room: everything that VS Code shows of the lab, besides the debug adapter.
export { runScenario } from './commands/run-scenario';
export { ConfigurationProvider } from './launch/configuration';
