// Entry point of the room: everything that VS Code shows of the lab, besides the debug adapter.
export { copyDriver } from './commands/copy-driver';
export { copyLibraryFile } from './commands/copy-library-file';
export { runScenario } from './commands/run-scenario';
export { saveFrames } from './commands/save-frames';
export { hoverExpressionsInSessions } from './hover';
export { registeredInSessions } from './in-sessions';
export { ConfigurationProvider } from './launch/configuration';
export { watchedLauncher } from './launch/watched-launcher';
export { pageHtml } from './page-html';
export { Problems } from './problems';
export type { PanelQueue, PanelState, SourceLink } from './protocol';
export { RingFeed } from './ring-feed';
export { readScenarioEntry, type ScenarioEntry } from './scenario-list';
export { bundledScenarios, workspaceScenarios } from './scenarios';
export { askSession, Sessions, type LabSession } from './sessions';
export { openSource } from './source';
