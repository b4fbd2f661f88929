// What is run for an experiment: for each row its scenario, with the row's overrides in place.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { loadScenario, parseScenario, ScenarioError, type LoadedScenario, type ScenarioProblem } from '../scenario';
import type { LoadedExperiment } from './load';
import { concerns, OverrideError, withOverrides } from './override';
import { rowsOf, type Row } from './rows';
import type { Overrides } from './types';

export type Size = 'full' | 'quick';

export interface PlannedRow extends Row {
  readonly loaded: LoadedScenario;
  /** not the scenario as its file has it: what it promises of numbers need not hold */
  readonly changed: boolean;
}

/**
 * The rows of an experiment with their scenarios.
 * @throws ScenarioError with every scenario that cannot be read, and every override that makes no scenario
 */
export function plan(experiment: LoadedExperiment, size: Size): readonly PlannedRow[] {
  const problems = experiment.problems();
  const folder = dirname(experiment.file);
  const others: ScenarioProblem[] = [];
  const texts = new Map<string, string | undefined>();
  const textOf = (path: string, at: number): string | undefined => {
    if (texts.has(path)) return texts.get(path);
    const text = scenarioText(path, others, (why) => problems.add(['variants', at, 'scenario'], why));
    texts.set(path, text);
    return text;
  };
  const told = new Set<string>();
  const refuse = (field: FieldPath, why: string): void => {
    const key = `${field.join()} ${why}`;
    if (!told.has(key)) problems.add(field, why);
    told.add(key);
  };
  const rows = rowsOf(experiment.value).flatMap((row): PlannedRow[] => {
    const path = resolve(folder, row.variant.scenario);
    const text = textOf(path, row.at);
    if (text === undefined) return [];
    const { quick } = experiment.value;
    const groups = overridesOf(row, size === 'quick' ? quick : {});
    const loaded = overridden(text, path, groups, refuse);
    if (loaded === undefined) return [];
    // What is wrong with the changes for a quick run is not to come out only when somebody makes one.
    if (size === 'full' && Object.keys(quick).length > 0) overridden(text, path, overridesOf(row, quick), refuse);
    const changed = groups.some(({ set }) => Object.keys(set).length > 0);
    return [{ ...row, loaded, changed }];
  });
  if (others.length > 0) throw new ScenarioError(others);
  problems.throwAny();
  return rows;
}

type FieldPath = readonly (string | number)[];

/** Overrides, and where in the experiment they stand. */
interface Group {
  readonly set: Overrides;
  readonly field: (path: string) => FieldPath;
}

/** In the order in which they are applied: a sweep is over what a quick run would cut. */
function overridesOf({ variant, at, point }: Row, quick: Overrides): readonly Group[] {
  const groups: Group[] = [
    { set: variant.set, field: (path) => ['variants', at, 'set', path] },
    { set: quick, field: (path) => ['quick', path] },
  ];
  if (point === undefined) return groups;
  const { set, place } = point;
  return [...groups, { set, field: (path) => (place.at(-1) === 'set' ? [...place, path] : place) }];
}

function scenarioText(path: string, others: ScenarioProblem[], missing: (why: string) => void): string | undefined {
  if (!existsSync(path)) {
    missing(`${path}: there is no such file; check the path`);
    return undefined;
  }
  try {
    loadScenario(path);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    others.push(...error.problems);
    return undefined;
  }
}

/** A scenario with its fields changed; what is wrong with a change is told at the change. */
function overridden(
  text: string,
  path: string,
  groups: readonly Group[],
  refuse: (field: FieldPath, why: string) => void,
): LoadedScenario | undefined {
  let changed = text;
  for (const { set, field } of groups) {
    try {
      changed = withOverrides(changed, set);
    } catch (error) {
      if (!(error instanceof OverrideError)) throw error;
      refuse(field(error.path), error.message);
      return undefined;
    }
  }
  try {
    return parseScenario(changed, path);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    for (const { path: at, message } of error.problems) refuse(culprit(groups, at), `${at}: ${message}`);
    return undefined;
  }
}

/** Where the override stands that a problem comes from: the last one that concerns the field, or any at all. */
function culprit(groups: readonly Group[], problem: string): FieldPath {
  const all = groups.flatMap(({ set, field }) => Object.keys(set).map((path) => ({ path, field: field(path) })));
  return (all.findLast(({ path }) => concerns(path, problem)) ?? all.at(-1))?.field ?? [];
}
