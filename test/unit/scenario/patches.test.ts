// Patches of a scenario: what is compiled is the patched copy; what cannot be applied is told with its place.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseScenario, prepareScenario, resolveScenario, ScenarioError } from '../../../src/scenario';
import { runHeadless } from '../../../src/machine';
import { cacheDir, driversRoot, scenarioText, toolchain } from './support';

const PATCH = `From: somebody
Subject: [PATCH] virtio_net: say so

---
diff --git a/drivers/virtio_net/virtio_net-2.6.31.c b/drivers/virtio_net/virtio_net-2.6.31.c
--- a/drivers/virtio_net/virtio_net-2.6.31.c
+++ b/drivers/virtio_net/virtio_net-2.6.31.c
@@ -1,3 +1,3 @@
 again:
 	/* Free what the device is done with: it makes room. */
-	free_old_xmit_skbs(vi);
+	WARN_ON(1); free_old_xmit_skbs(vi);
`;

describe('patches of a scenario', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'virtio-lab-patches-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const withPatches = (...texts: readonly string[]) => {
    const patches = texts.map((text, i) => {
      writeFileSync(join(folder, `${i}.patch`), text);
      return `${i}.patch`;
    });
    return parseScenario(
      scenarioText({ driver: { bundled: 'virtio_net-2.6.31', patches } }),
      join(folder, 'patched.virtio.json'),
    );
  };
  const refusal = (...texts: readonly string[]): string => {
    try {
      resolveScenario(withPatches(...texts), driversRoot, {}, folder);
    } catch (error) {
      if (error instanceof ScenarioError) return error.message;
      throw error;
    }
    return '';
  };

  it('are compiled in, stopped in and named, and the original stays as it is', async () => {
    const original = join(driversRoot, 'virtio_net/virtio_net-2.6.31.c');
    const before = readFileSync(original, 'utf8');
    const { setup, program } = await prepareScenario(withPatches(PATCH), {
      driversRoot,
      toolchain: toolchain(),
    });
    const result = runHeadless({ ...setup, stopSites: [] });
    assert.equal(result.findings[0]?.kind, 'warn');
    assert.match(
      result.findings[0]?.where ?? '',
      /^drivers\/virtio_net\/virtio_net-2\.6\.31\.c \(patched\):\d+ in start_xmit$/,
    );
    const site = program.sites[setup.stopSites[0] ?? -1];
    const file = program.files[site?.file ?? -1];
    assert.ok(file?.origin.kind === 'patched', 'the first stop is in the copy');
    assert.ok(file.origin.path.startsWith(join(cacheDir, 'patched')), 'which lies beside what is compiled');
    assert.ok(readFileSync(file.origin.path, 'utf8').includes('WARN_ON(1); free_old_xmit_skbs(vi);'));
    assert.equal(readFileSync(original, 'utf8'), before);
  });

  it('apply on top of each other, and to the library', () => {
    const again = PATCH.replaceAll('WARN_ON(1); ', '')
      .replace('-\tfree_old', '-\tWARN_ON(1); free_old')
      .replace('+\tfree_old', '+\tWARN_ON(2); free_old');
    const ring = `--- a/lib/drivers/virtio/virtio_ring.c
+++ b/lib/drivers/virtio/virtio_ring.c
@@ -1,3 +1,3 @@
 	START_USE(vq);
 	/* Descriptors and ring entries must be there before the index says so (spec 2.7.13.3). */
-	wmb();
+	mb();
`;
    const { driver } = resolveScenario(withPatches(PATCH, again, ring), driversRoot, {}, folder);
    const text = (name: string): string => readFileSync(driver.patched?.get(name) ?? '', 'utf8');
    assert.ok(text('virtio_net/virtio_net-2.6.31.c').includes('WARN_ON(2); free_old_xmit_skbs'));
    assert.ok(!text('virtio_net/virtio_net-2.6.31.c').includes('WARN_ON(1)'));
    assert.ok(text('lib/drivers/virtio/virtio_ring.c').includes('(spec 2.7.13.3). */\n\tmb();'));
  });

  it('are refused with the hunk that does not fit', () => {
    assert.match(
      refusal(PATCH, PATCH),
      /patched\.virtio\.json:1:\d+: driver\.patches\[1\]: hunk 1 \(line 1\) does not apply to virtio_net\/virtio_net-2\.6\.31\.c: its lines are there, but not in this order; make the patch anew/,
    );
  });

  for (const [what, text, expected] of [
    ['of a file that is not there', PATCH.replaceAll('2.6.31.c', '2.6.29.c'), /the lab has no such source/],
    ['that lead outside', PATCH.replaceAll('drivers/virtio_net/', '../../../etc/'), /lies outside the lab's drivers/],
    ['that add a file', PATCH.replace(/--- a\/.*/, '--- /dev/null'), /adds or deletes a file/],
    ['that rename', PATCH.replace(/\+\+\+ b\/.*/, '+++ b/drivers/virtio_net/other.c'), /renames/],
    ['that are none', 'hello\n', /changes nothing/],
    ['that are cut off', PATCH.slice(0, -60), /hunk at line|Added line count|line count/i],
  ] as const)
    it(`${what} are refused`, () => assert.match(refusal(text), expected));

  it('that are not there are refused', () => {
    const loaded = parseScenario(
      scenarioText({ driver: { bundled: 'virtio_net-2.6.31', patches: ['missing.patch'] } }),
      join(folder, 'patched.virtio.json'),
    );
    assert.throws(() => resolveScenario(loaded, driversRoot, {}, folder), /missing\.patch: there is no such file/);
  });
});
