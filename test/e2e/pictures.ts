// npm run pictures: media/screenshot.png, the picture of the README: the real workbench with the packaged extension, stopped at a kick.
import { copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagedExtension } from './package';
import { Workbench } from './workbench';
import { exitWith, root } from '../../scripts/lib/project.mjs';

const SETTINGS = {
  'workbench.colorTheme': 'Default Dark Modern',
  'editor.minimap.enabled': false,
  'breadcrumbs.enabled': false,
};

async function main(): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), 'virtio-lab-pictures-'));
  const folder = join(parent, 'demo');
  cpSync(join(root, 'demo'), folder, { recursive: true });
  const w = await Workbench.open({
    folder,
    vsix: packagedExtension(),
    viewport: { width: 1440, height: 900 },
    settings: SETTINGS,
  });
  try {
    await w.command('Virtio: Run Scenario…');
    await w.pick('TX: one packet, QEMU 150 µs timer');
    await w.waitForStop();
    await w.position();
    await w.breakOn('Kick');
    await w.move('Continue');
    await w.move('Step Out');
    await w.page.mouse.move(700, 880);
    // the views redraw at their own pace, and the marks of what changed fade in
    await w.page.waitForTimeout(3000);
    copyFileSync(await w.screenshot('screenshot'), join(root, 'media/screenshot.png'));
  } finally {
    await w.close();
    rmSync(parent, { recursive: true, force: true });
  }
}

main().catch(exitWith);
