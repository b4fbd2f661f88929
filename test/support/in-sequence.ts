// For suites whose tests build on each other: after a failure the rest of the suite is skipped, and nothing else is.
import type { Suite } from 'mocha';

/**
 * Each test of this suite, those of suites inside it included, begins where the one before it ended. To be called before its hooks
 * are set. mocha's own `bail` is no help: it also skips a suite when a test of any other has failed before, and says nothing of it.
 */
export function inSequence(suite: Suite): void {
  let failed = false;
  suite.beforeEach('goes on only if the test before it passed', function () {
    if (failed) this.skip();
  });
  suite.afterEach('notes a failure', function () {
    failed ||= this.currentTest?.state === 'failed';
  });
}
