// The documents about experiments: their links lead somewhere, and rows, pages, experiments and scenarios belong together.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { bundledExperimentFiles, experimentId, loadExperiment } from '../../../src/experiment';
import { bundledScenarioFiles } from '../../../src/scenario';
import { root } from '../scenario/support';

const mail = join(root, 'docs/mail');
const text = (path: string): string => readFileSync(path, 'utf8');
const documents = (): string[] => [
  join(root, 'README.md'),
  join(root, 'CONTRIBUTING.md'),
  ...(readdirSync(join(root, 'docs'), { recursive: true }) as string[])
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(root, 'docs', name)),
];
const pages = (): string[] => readdirSync(mail).filter((name) => /^\d\d-.*\.md$/.test(name));
const experimentFiles = (): readonly string[] => bundledExperimentFiles(join(root, 'experiments'));

describe('the documents', () => {
  it('have no link that leads nowhere', () => {
    for (const path of documents())
      for (const [, target = ''] of text(path).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        assert.ok(existsSync(resolve(dirname(path), target)), `${relative(root, path)} links to ${target}`);
      }
  });

  it('have one page at most for each row of the mail, and the row in the index', () => {
    const rows = [...text(join(mail, 'README.md')).matchAll(/^\| (?:\[)?(\d\d)\b/gm)].map(([, number]) => number);
    assert.ok(rows.length >= 19);
    assert.equal(new Set(rows).size, rows.length);
    for (const page of pages()) assert.ok(rows.includes(page.slice(0, 2)), page);
    assert.equal(new Set(pages().map((page) => page.slice(0, 2))).size, pages().length);
  });

  it('name experiments that there are, and every bundled one has a page', () => {
    const ids = experimentFiles().map(experimentId);
    const named = pages().flatMap((page) => {
      const quoted = [...text(join(mail, page)).matchAll(/`(?:lab experiment )?([\w.-]+)`/g)];
      const mentioned = quoted.flatMap(([, id = '']) => (ids.includes(id) ? [id] : []));
      assert.ok(mentioned.length > 0, `${page} names no bundled experiment`);
      return mentioned;
    });
    for (const id of ids) assert.ok(named.includes(id), `no page of docs/mail names the experiment ${id}`);
  });

  it('leave no scenario of the mail without an experiment', () => {
    const used = new Set(
      experimentFiles().flatMap((file) =>
        loadExperiment(file).value.variants.map(({ scenario }) => resolve(dirname(file), scenario)),
      ),
    );
    const folder = join(root, 'scenarios');
    for (const file of bundledScenarioFiles(folder))
      if (relative(folder, file).startsWith('mail')) assert.ok(used.has(file), `no experiment runs ${file}`);
  });
});
