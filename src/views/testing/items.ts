// The items of the Testing view: scenarios in their folders, with their expectations below, and the experiments.
import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { bundledScenarios, type ScenarioEntry, workspaceScenarios } from '../../panel';
import { scenarioFolders } from '../activity/scenario-tree';
import type { ExperimentTest, ExperimentTests } from './experiments';
import { type Lines, testPlaces } from './test-file';

/** A scenario that is a test, and the items of what it expects. */
export interface ScenarioTest {
  readonly item: vscode.TestItem;
  readonly path: string;
  /** in the report's order */
  readonly expectations: readonly vscode.TestItem[];
  /** that nothing is found; undefined when the scenario says itself what is to be found */
  readonly clean: vscode.TestItem | undefined;
}

const rangeOf = ({ first, last }: Lines): vscode.Range => new vscode.Range(first, 0, last, 999);

export class TestItems {
  private readonly tests = new Map<string, ScenarioTest>();

  constructor(
    private readonly controller: vscode.TestController,
    private readonly extensionPath: string,
    private readonly experiments: ExperimentTests,
  ) {}

  /** Finds all there are; those that are no longer there go. */
  async discover(): Promise<void> {
    const [workspace, bundled] = await Promise.all([workspaceScenarios(), bundledScenarios(this.extensionPath)]);
    this.tests.clear();
    const folders: vscode.TestItem[] = [];
    for (const { title, entries } of scenarioFolders(workspace, bundled)) {
      const folder = this.controller.createTestItem(`folder ${title}`, title);
      folder.children.replace(await Promise.all(entries.map((entry) => this.itemOf(entry))));
      folders.push(folder);
    }
    folders.push(await this.experiments.discover());
    this.controller.items.replace(folders);
  }

  /** The files that a request is about, each once: an expectation is tested by running its file. */
  wanted(request: vscode.TestRunRequest): readonly (ScenarioTest | ExperimentTest)[] {
    const excluded = new Set(request.exclude ?? []);
    const found = new Set<ScenarioTest | ExperimentTest>();
    const visit = (item: vscode.TestItem): void => {
      if (excluded.has(item)) return;
      const test = this.testOf(item) ?? this.experiments.of(item);
      if (test !== undefined) found.add(test);
      else item.children.forEach(visit);
    };
    if (request.include === undefined) this.controller.items.forEach(visit);
    else request.include.forEach(visit);
    return [...found];
  }

  private testOf(item: vscode.TestItem): ScenarioTest | undefined {
    return this.tests.get(item.id) ?? this.tests.get(item.parent?.id ?? '');
  }

  private async itemOf(entry: ScenarioEntry): Promise<vscode.TestItem> {
    const { path } = entry;
    const uri = vscode.Uri.file(path);
    const { lines, expectations, expectsFindings } = testPlaces(await readFile(path, 'utf8').catch(() => ''));
    const item = this.controller.createTestItem(path, entry.name, uri);
    item.range = rangeOf(lines);
    const below = expectations.map(({ label, lines: place }, i) => {
      const child = this.controller.createTestItem(`${path}#${i}`, label, uri);
      child.range = rangeOf(place);
      // in the order of the file, not of the alphabet
      child.sortText = String(i).padStart(5, '0');
      return child;
    });
    const clean = expectsFindings
      ? undefined
      : this.controller.createTestItem(`${path}#clean`, 'nothing is found', uri);
    if (clean !== undefined) {
      clean.range = rangeOf(lines);
      clean.sortText = '99999';
    }
    item.children.replace([...below, ...(clean === undefined ? [] : [clean])]);
    this.tests.set(path, { item, path, expectations: below, clean });
    return item;
  }
}
