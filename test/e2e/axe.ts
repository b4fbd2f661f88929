// axe-core in a page under test: what it finds, in words.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Frame, Page } from 'playwright-core';
import { root } from '../../scripts/lib/project.mjs';

/** WCAG 2.1 A and AA, and what axe holds to be good besides. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];

/** A panel is no document of its own: VS Code's page around it has the landmarks and the heading. */
const NOT_FOR_A_PANEL = ['page-has-heading-one', 'landmark-one-main', 'region'];

/**
 * Runs axe over a page as it is now.
 * @returns one line a violation: rule, element, and why
 */
export async function violations(page: Page | Frame): Promise<string[]> {
  // by the browser itself, past the page's own policy
  await page.evaluate(await readFile(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8'));
  const rules = Object.fromEntries(NOT_FOR_A_PANEL.map((id) => [id, { enabled: false }]));
  const options = JSON.stringify({ runOnly: { type: 'tag', values: TAGS }, rules, resultTypes: ['violations'] });
  const found = await page.evaluate<AxeResults>(`window.axe.run(document, ${options})`);
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => {
      const why = failureSummary.replace(/^Fix (any|all) of the following:\s*/, '').replace(/\s+/g, ' ');
      return `${id}: ${html.slice(0, 120)}: ${why}`;
    }),
  );
}
