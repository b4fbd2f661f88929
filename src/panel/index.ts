// Entry point of the room: everything that VS Code shows of the lab, besides the debug adapter.
export { hoverExpressionsInSessions } from './hover';
export { registeredInSessions } from './in-sessions';
export { againOf, startAgain } from './launch/again';
export { LastRun } from './launch/last-run';
export { watchedLauncher } from './launch/watched-launcher';
export {
  bundledScenarios,
  configurations,
  copyDriver,
  copyLibraryFile,
  runScenario,
  saveFrames,
  workspaceScenarios,
} from './on-demand';
export { pageHtml } from './page-html';
export { Problems } from './problems';
export type { PanelQueue, PanelState, SourceLink } from './protocol';
export { RingFeed } from './ring-feed';
export type { ScenarioEntry } from './scenario-list';
export { askSession, Sessions, type LabSession } from './sessions';
export { openSource } from './source';
