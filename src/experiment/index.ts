// Entry point of the room: many scenarios side by side: tables, charts, expectations across them.
export * from './types';
export { experimentMarkdown, experimentText, shownMarkdown, shownResult, type ShownResult } from './format';
export { bundledExperimentFiles, EXPERIMENT_SUFFIX, experimentId, findExperiment } from './list';
export { loadExperiment, parseExperiment, type LoadedExperiment } from './load';
export { rowScenario, type RowScenario } from './row-scenario';
export { experimentPassed } from './result';
export { runExperiment, type ExperimentOptions, type ExperimentProgress } from './run';
export { experimentSchema } from './spec';
export { isTestFile, runSuite, testFilesIn, type FileResult, type SuiteOptions, type TestCase } from './suite';
