// Entry of the tests in the extension host: run() is called by VS Code (extensionTestsPath), and rejects when a test failed.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', color: false, reporter: 'spec', timeout: 30_000 });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await import('./extension.test');
  await import('./session.test');
  await import('./views.test');
  mocha.suite.emit('post-require', globalThis, '', mocha);
  await new Promise<void>((resolve, reject) => {
    const runner = mocha.run((failures) => (failures > 0 ? reject(new Error(`${failures} tests failed`)) : resolve()));
    // the runner outside adds these to its sum, as mocha-reporter.cjs leaves them for the other layers
    runner.once('end', () => {
      const { passes = 0, failures = 0, pending = 0 } = runner.stats ?? {};
      const file = process.env['VIRTIO_LAB_COUNTS'];
      if (file) writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
    });
  });
}
