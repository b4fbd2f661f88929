// Entry point of the room: saved scenarios: read, run, reported.
export * from './types';
export { passed, reportOf } from './report';
export { reportText } from './format';
export { bundledScenarioFiles, bundledScenarios, findScenario, SCENARIO_SUFFIX, scenarioId } from './list';
export { loadScenario, parseScenario, type LoadedScenario } from './load';
export { isReportPath, reportNumber } from './expect';
export { parseDocument, readDocument, type DocumentFormat, type LoadedDocument, type RuleProblem } from './document';
export * as fields from './fields';
export type { RecordShape, Shape } from './shape';
export { problemLine, ScenarioError, type ScenarioProblem } from './problems';
export {
  prepareScenario,
  resolveScenario,
  type PreparedScenario,
  type PrepareOptions,
  type ResolvedScenario,
} from './prepare';
export type { DriverOverride } from './driver';
export type { Compiled, Launched, Launcher, LaunchRequest, Prepared } from './launched';
export {
  createLauncher,
  type LauncherOptions,
  type RunnableScenario,
  type ScenarioLauncher,
  type ScenarioOutcome,
} from './launcher';
export { fileSchema, scenarioSchema } from './json-schema';
export { capture } from './traffic';
