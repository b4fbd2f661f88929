// Runs what the Testing view asks for, and tells each expectation's result at its line.
import { availableParallelism } from 'node:os';
import * as vscode from 'vscode';
import { runScenario } from '../../panel';
import type { Program } from '../../toolchain';
import type { Report, ScenarioLauncher, ScenarioOutcome, ScenarioProblem } from '../../scenario';
import { ExperimentTests } from './experiments';
import { type ScenarioTest, TestItems } from './items';

/** The Testing view's tests of one controller: found, run and debugged. */
export class Tests {
  private readonly experiments: ExperimentTests;
  private readonly items: TestItems;

  constructor(
    private readonly controller: vscode.TestController,
    private readonly context: vscode.ExtensionContext,
    private readonly launching: () => Promise<ScenarioLauncher>,
  ) {
    this.experiments = new ExperimentTests(controller, context);
    this.items = new TestItems(controller, context.extensionPath, this.experiments);
  }

  /** Finds all there are; those that are no longer there go. */
  discover(): Promise<void> {
    return this.items.discover();
  }

  /** Debugs the first of what is wanted. */
  async debug(request: vscode.TestRunRequest): Promise<void> {
    const [first] = this.items.wanted(request);
    if (first === undefined) return;
    const file = vscode.Uri.file(first.path);
    // an experiment is debugged from a row of its table
    if ('expectations' in first) await runScenario(this.context, file);
    else await vscode.commands.executeCommand('virtioLab.runExperiment', file);
  }

  /** Runs scenarios side by side, as many as there are cores to spare, and experiments one after the other behind them. */
  async run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    const run = this.controller.createTestRun(request);
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    const cancelled = [token.onCancellationRequested(stop), run.token.onCancellationRequested(stop)];
    const wanted = this.items.wanted(request);
    for (const { item } of wanted) run.enqueued(item);
    const waiting = wanted.filter((test) => 'expectations' in test);
    const experiments = wanted.filter((test) => !('expectations' in test));
    const work = async (): Promise<void> => {
      for (let test = waiting.shift(); test !== undefined; test = waiting.shift())
        await this.one(run, test, controller.signal);
    };
    try {
      await vscode.workspace.saveAll(false);
      await Promise.all(Array.from({ length: Math.max(1, Math.min(4, availableParallelism() - 1)) }, work));
      for (const test of experiments) await this.experiments.run(run, test, controller.signal);
    } finally {
      for (const registration of cancelled) registration.dispose();
      run.end();
    }
  }

  private async one(run: vscode.TestRun, test: ScenarioTest, signal: AbortSignal): Promise<void> {
    const all = [test.item, ...test.expectations, ...(test.clean === undefined ? [] : [test.clean])];
    if (signal.aborted) return all.forEach((item) => run.skipped(item));
    for (const item of all) run.started(item);
    const started = performance.now();
    try {
      const launcher = await this.launching();
      const prepared = await launcher.prepare({ scenario: test.path }, signal, () => undefined);
      const outcome = await prepared.run(signal, () => undefined);
      run.appendOutput(outcome.text.replaceAll('\n', '\r\n'), undefined, test.item);
      const placeOf = sourcePlaces(prepared.program, (file) => prepared.sourcePath(file));
      judge(run, test, outcome, placeOf, performance.now() - started);
    } catch (error) {
      if (signal.aborted) return all.forEach((item) => run.skipped(item));
      run.errored(test.item, messagesOf(error));
      for (const item of all.slice(1)) run.skipped(item);
    }
  }
}

type PlaceOf = (site: number | undefined) => vscode.Location | undefined;

function sourcePlaces(program: Program, sourcePath: (file: number) => string | undefined): PlaceOf {
  return (id) => {
    const site = id === undefined ? undefined : program.sites[id];
    const path = site && sourcePath(site.file);
    return site && path !== undefined
      ? new vscode.Location(vscode.Uri.file(path), new vscode.Position(site.line - 1, 0))
      : undefined;
  };
}

/** Tells each expectation's result at its line; the scenario's own is told by what it expects. */
function judge(
  run: vscode.TestRun,
  test: ScenarioTest,
  { report, passed, findingSites }: ScenarioOutcome,
  placeOf: PlaceOf,
  ms: number,
): void {
  report.expectations.forEach((result, i) => {
    const item = test.expectations[i];
    if (item === undefined) return;
    if (result.ok) run.passed(item);
    else run.failed(item, expectationMessage(result, item));
  });
  const { clean } = test;
  const found = report.findings.map(({ id, text, where }, i) => {
    const message = new vscode.TestMessage(`${text} [${id}]${where === undefined ? '' : `\n${where}`}`);
    message.location = placeOf(findingSites[i]) ?? locationOf(test.item);
    return message;
  });
  if (clean !== undefined) {
    if (found.length === 0) run.passed(clean);
    else run.failed(clean, found);
  }
  if (passed) run.passed(test.item, ms);
  else run.failed(test.item, [], ms);
}

function expectationMessage(
  { what, expected, actual }: Report['expectations'][number],
  item: vscode.TestItem,
): vscode.TestMessage {
  // VS Code says itself that the one is not the other
  const wanted = expected.replace(/^== /, '');
  const message = vscode.TestMessage.diff(`${what} ${expected}: it is ${actual}`, wanted, actual);
  message.location = locationOf(item);
  return message;
}

function locationOf({ uri, range }: vscode.TestItem): vscode.Location | undefined {
  return uri && range && new vscode.Location(uri, range);
}

/** Of a scenario that is wrong, a message at each field; of anything else, what it says. */
function messagesOf(error: unknown): vscode.TestMessage[] {
  if (!(error instanceof Error)) return [new vscode.TestMessage(String(error))];
  if (error.name !== 'ScenarioError') return [new vscode.TestMessage(error.message)];
  return (error as Error & { readonly problems: readonly ScenarioProblem[] }).problems.map((problem) => {
    const message = new vscode.TestMessage(`${problem.path}: ${problem.message}`);
    const at = new vscode.Position(problem.line - 1, problem.column - 1);
    message.location = new vscode.Location(vscode.Uri.file(problem.file), at);
    return message;
  });
}
