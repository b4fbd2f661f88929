// The results of `lab test` as text: for people, for machines, and as JUnit XML for CI. Pure.
import { relative } from 'node:path';
import type { FileResult, TestCase } from '../experiment';
import { complaint } from './complaint';

/** A file that ran, with its path as it is shown. */
interface Told {
  readonly path: string;
  readonly name: string;
  readonly cases: readonly TestCase[];
  /** why it could not be run */
  readonly error?: string;
}

export type Reporter = 'spec' | 'junit' | 'json';

/** @param cwd what paths are shown relative to */
export function testReport(results: readonly FileResult[], reporter: Reporter, cwd: string): string {
  const told = results.map(({ file, name, cases, error }): Told => ({
    path: relative(cwd, file).replaceAll('\\', '/'),
    name,
    cases,
    ...(error === undefined ? {} : { error: complaint(error) }),
  }));
  switch (reporter) {
    case 'spec':
      return spec(told);
    case 'junit':
      return junit(told);
    case 'json':
      return `${JSON.stringify({ version: 1, ...counts(told), files: told }, null, 2)}\n`;
  }
}

/** Of files: one passes when all its cases do. */
export function counts(results: readonly Pick<FileResult, 'cases' | 'error'>[]): {
  readonly passed: number;
  readonly failed: number;
  readonly errors: number;
} {
  const errors = results.filter(({ error }) => error !== undefined).length;
  const passed = results.filter(({ error, cases }) => error === undefined && cases.every(({ ok }) => ok)).length;
  return { passed, failed: results.length - passed - errors, errors };
}

function spec(results: readonly Told[]): string {
  const lines = results.flatMap(({ path, name, cases, error }) => {
    if (error !== undefined) return [`ERROR   ${path}`, ...indented(error)];
    const failed = cases.filter(({ ok }) => !ok);
    if (failed.length === 0) return [`ok      ${path}: ${name}`];
    return [`FAILED  ${path}: ${name}`, ...failed.flatMap((c) => indented(`${c.name}: ${c.message}`))];
  });
  const { passed, failed, errors } = counts(results);
  const summary = `${passed} passed, ${failed} failed${errors === 0 ? '' : `, ${errors} could not be run`}`;
  return `${[...lines, summary].join('\n')}\n`;
}

const indented = (text: string): string[] => text.split('\n').map((line) => `        ${line}`);

/** The dialect that Jenkins, GitLab and GitHub actions read: a suite for each file, a case for each expectation. */
function junit(results: readonly Told[]): string {
  const suites = results.map(({ path, name, cases, error }) => {
    const failures = cases.filter(({ ok }) => !ok).length;
    const tests = error === undefined ? cases.length : 1;
    const inner =
      error !== undefined
        ? [`    <testcase classname="${xml(path)}" name="is run">`, problem('error', error), '    </testcase>']
        : cases.flatMap((c) => junitCase(path, c));
    const head = `  <testsuite name="${xml(`${path}: ${name}`)}" tests="${tests}" failures="${failures}" errors="${error === undefined ? 0 : 1}">`;
    return [head, ...inner, '  </testsuite>'].join('\n');
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="virtio-lab">\n${suites.map((s) => `${s}\n`).join('')}</testsuites>\n`;
}

function junitCase(path: string, { name, ok, message }: TestCase): string[] {
  const head = `    <testcase classname="${xml(path)}" name="${xml(name)}"`;
  return ok ? [`${head}/>`] : [`${head}>`, problem('failure', message), '    </testcase>'];
}

const problem = (kind: 'error' | 'failure', text: string): string =>
  `      <${kind} message="${xml(text.split('\n')[0] ?? '')}">${xml(text)}</${kind}>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

/** XML 1.0 has no way to write most control characters: a driver may print any. */
function xml(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]/g, '\ufffd').replace(/[&<>"\n]/g, (c) => ENTITIES[c] ?? c);
}
