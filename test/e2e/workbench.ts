// A real VS Code workbench in a browser, for tests: the packaged extension in VS Code's server, driven as a person would.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type ConsoleMessage, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { launchBrowser } from '../../scripts/lib/browser.mjs';
import { root } from '../../scripts/lib/project.mjs';
import {
  ensureServer,
  installExtension,
  type Server,
  startServer,
  workbenchUrl,
} from '../../scripts/lib/vscode-server.mjs';

/** Noise of VS Code's server itself, not of the extension. */
const HARMLESS = [
  /serviceWorker\.js/,
  /vsda/,
  /allow-scripts and allow-same-origin/,
  /404/,
  /Long running operations during shutdown/,
  // its log is flushed once more while the page is reloaded
  /Unable to write file 'vscode-log:.* is closed/,
  // it asks for the Call Stack of a session that ends just then
  /Throttler is disposed/,
  // this server comes without TypeScript's, which opening a host's source asks for
  /tsserver/,
  /Timed out getting tasks from +typescript/,
  /An unknown error occurred\. Please consult the log/,
];

export interface WorkbenchOptions {
  /** absolute path of the folder to open */
  readonly folder: string;
  /** absolute path of a .vsix to install; else the repository is loaded as an extension under development */
  readonly vsix?: string;
  readonly settings?: Record<string, unknown>;
  /** leave workspace trust on */
  readonly restricted?: boolean;
  readonly viewport?: { readonly width: number; readonly height: number };
}

export type StepButton =
  'Continue' | 'Step Over' | 'Step Into' | 'Step Out' | 'Step Back' | 'Reverse' | 'Restart' | 'Stop';

export class Workbench {
  private constructor(
    readonly page: Page,
    private readonly browser: Browser,
    private readonly server: Server,
    private readonly data: string,
    private readonly messages: readonly ConsoleMessage[],
  ) {}

  /** Starts server and browser, and waits until the workbench is usable and the extensions are known. */
  static async open(options: WorkbenchOptions): Promise<Workbench> {
    await ensureServer();
    const data = mkdtempSync(join(tmpdir(), 'virtio-lab-e2e-'));
    const serverOptions = {
      data,
      settings: options.settings,
      restricted: options.restricted,
      // desktop VS Code has no `node` on PATH: neither may the extension need one
      env: { ...process.env, PATH: emptyPath(data) },
      ...(options.vsix && { extensions: await installed(options.vsix) }),
    };
    const server = await startServer(serverOptions);
    const browser = await launchBrowser();
    const messages: ConsoleMessage[] = [];
    const page = await browser.newPage({ viewport: options.viewport ?? { width: 1400, height: 900 } });
    page.on('console', (m) => messages.push(m));
    const workbench = new Workbench(page, browser, server, data, messages);
    try {
      const extension = options.vsix ? undefined : root;
      await page.goto(workbenchUrl(server.port, options.folder, { extension }));
      await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
    } catch (e) {
      await workbench.close();
      throw e;
    }
    return workbench;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    rmSync(this.data, { recursive: true, force: true });
  }

  /** Errors that the page logged, without VS Code's own noise. */
  errors(): string[] {
    return this.messages
      .filter((m) => m.type() === 'error')
      .map((m) => (/^Failed to load resource/.test(m.text()) ? `${m.text()}: ${m.location().url}` : m.text()))
      .filter((text) => !HARMLESS.some((h) => h.test(text)));
  }

  /** What any page said, of whatever severity, about its content security policy; the workbench's own page included. */
  policyMessages(): string[] {
    return this.messages.map((m) => m.text()).filter((text) => /content.security.policy/i.test(text));
  }

  /** Log of the extension host and the server. */
  serverLog(): string {
    return this.server.log();
  }

  /** Saves a picture as out/shots/NAME.png and returns its path. */
  async screenshot(name: string): Promise<string> {
    const folder = join(root, 'out/shots');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${name}.png`);
    await this.page.screenshot({ path });
    return path;
  }

  /** The rows of the open quick pick. */
  quickPickRows(): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row');
  }

  /** Runs a command by its title in the palette, which lists only the commands known when it opens: it is opened again until it does. */
  async command(title: string): Promise<void> {
    for (let tries = 20; ; tries--) {
      await this.page.keyboard.press('F1');
      try {
        // the key is lost where a page is just taking the focus
        await this.page.locator('.quick-input-widget input[type=text]').fill(`>${title}`, { timeout: 1500 });
        return await this.quickPickRows().filter({ hasText: title }).first().click({ timeout: 1500 });
      } catch (e) {
        if (tries === 0) throw e;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Filters the open quick pick, and waits for the row: a long list draws only the rows in view. */
  async offers(text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input[type=text]');
    await this.quickPickRows().first().waitFor();
    await input.fill(text);
    await this.quickPickRows().filter({ hasText: text }).first().waitFor();
    await input.fill('');
  }

  /** Picks the row with this text in the open quick pick. */
  async pick(text: string | RegExp): Promise<void> {
    await this.quickPickRows().filter({ hasText: text }).first().click();
  }

  /** Runs a scenario from the palette, and waits for its first stop, at a line that `accept` takes. */
  async runScenario(name: string, accept?: (line: number) => boolean): Promise<void> {
    await this.command('Virtio: Run Scenario…');
    await this.quickPickRows().first().waitFor();
    await this.page.locator('.quick-input-widget input[type=text]').fill(name);
    await this.pick(name);
    await this.waitForStop(accept);
  }

  /** Opens a file of the workspace, and puts the cursor on a line (from 1). */
  async openFile(path: string, line = 1): Promise<void> {
    await this.page.keyboard.press('Control+p');
    const name = path.split('/').pop() ?? path;
    await this.page.locator('.quick-input-widget input[type=text]').fill(`${path}:${line}`);
    // the rows are at first those of files that were open last
    await this.quickPickRows().first().filter({ hasText: name }).waitFor();
    await this.page.keyboard.press('Enter');
    await this.page.locator('.tab.active', { hasText: name }).waitFor();
  }

  /** Types a statement on a line of its own behind a line (from 1) of the active editor. */
  async insertAfter(line: number, text: string): Promise<void> {
    await this.page.locator('.editor-group-container.active .view-lines').first().click();
    await this.page.keyboard.press('Control+g');
    await this.page.locator('.quick-input-widget input[type=text]').fill(`:${line}`);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    await this.page.keyboard.press('End');
    await this.page.keyboard.press('Enter');
    await this.page.keyboard.type(text);
  }

  /** Presses a button of the debug toolbar, once it can be pressed. */
  async step(button: StepButton): Promise<void> {
    await this.page.locator(`.debug-toolbar .action-label:not(.disabled)[aria-label^="${button}"]`).first().click();
  }

  /** Reloads the window by the workbench's own command, which stores first what is to be restored: a page that goes only tries to. */
  async reload(): Promise<void> {
    const gone = this.page.waitForEvent('load');
    await this.command('Developer: Reload Window');
    await gone;
  }

  /** Number of the line that the yellow arrow is on in the visible editor; undefined when there is none. */
  async stoppedLine(): Promise<number | undefined> {
    return this.page.evaluate(() => {
      const yellow = document.querySelector('.debug-top-stack-frame-line');
      if (!yellow) return undefined;
      const top = yellow.getBoundingClientRect().top;
      const number = [...document.querySelectorAll('.line-numbers')].find(
        (e) => Math.abs(e.getBoundingClientRect().top - top) < 2,
      );
      return number ? Number(number.textContent) : undefined;
    });
  }

  /** Waits until the session is stopped on a line that the predicate accepts, and returns it. */
  async waitForStop(accept: (line: number) => boolean = () => true, timeoutMs = 30_000): Promise<number> {
    const until = performance.now() + timeoutMs;
    for (;;) {
      await this.page.locator('.debug-top-stack-frame-line').first().waitFor({ timeout: timeoutMs });
      const line = await this.stoppedLine();
      if (line !== undefined && accept(line)) return line;
      if (performance.now() > until) throw new Error(`not stopped where expected: the arrow is on line ${line}`);
      await this.page.waitForTimeout(50);
    }
  }

  /** The position that the ring panel shows, once it shows one: `1005.8 µs tick 32 134+1`. */
  async position(): Promise<string> {
    return normal(await this.webview().locator('.now').innerText({ timeout: 30_000 }));
  }

  /**
   * Presses a button of the debug toolbar, and waits until the panel shows another position.
   * @returns the line that the yellow arrow is on; undefined where no driver code runs
   */
  async move(button: StepButton): Promise<number | undefined> {
    const before = await this.position();
    await this.step(button);
    return this.arrival(before);
  }

  /** Waits until the panel shows another position than this one, and the views have followed. */
  async arrival(before: string): Promise<number | undefined> {
    await this.until(async () => (await this.position()) !== before, 'the panel shows another position');
    await this.webview().locator('main[aria-busy=false]').waitFor();
    await this.until(async () => {
      const [thread, top] = await this.callStack();
      if (thread === undefined || top === undefined || /running/i.test(thread)) return false;
      const line = /(\d+):\d+$/.exec(top)?.[1];
      return line === undefined || Number(line) === (await this.stoppedLine());
    }, 'the Call Stack and the editor have followed');
    return this.stoppedLine();
  }

  /** Waits until something is so: the workbench redraws when it likes. */
  async until(test: () => Promise<boolean>, what: string, timeoutMs = 30_000): Promise<void> {
    const end = performance.now() + timeoutMs;
    while (!(await test())) {
      if (performance.now() > end) throw new Error(`not within ${timeoutMs / 1000} s: ${what}`);
      await this.page.waitForTimeout(50);
    }
  }

  /** Ticks or unticks an event of the Breakpoints view. */
  async breakOn(event: string, on = true): Promise<void> {
    const row = this.page.locator('.debug-breakpoints .monaco-list-row').filter({ hasText: new RegExp(`^${event}$`) });
    await row.locator('input[type=checkbox]').setChecked(on);
  }

  /** Sets a breakpoint on a function, as one does in the Breakpoints view. */
  async functionBreakpoint(name: string): Promise<void> {
    await this.page.locator('.pane-header', { hasText: 'Breakpoints' }).hover();
    await this.page.locator('.action-label[aria-label^="Add Function Breakpoint"]').click();
    // a list draws only the rows in view, and the new one is its last
    await this.page.locator('.debug-breakpoints .monaco-list').hover();
    await this.page.mouse.wheel(0, 1000);
    await this.page.locator('.debug-breakpoints .monaco-inputbox input').fill(name);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.debug-breakpoints .monaco-list-row', { hasText: name }).waitFor();
  }

  /** Text of a section of the ring panel, by its label, in one line. */
  async panelText(label: string): Promise<string> {
    return normal(await this.webview().locator(`section[aria-label="${label}"]`).innerText());
  }

  /** Name of the file in the active editor. */
  async activeFile(): Promise<string> {
    return (await this.page.locator('.tab.active .label-name').first().innerText()).trim();
  }

  /** Rows of the Call Stack view, top first. */
  async callStack(): Promise<string[]> {
    // a list's rows are in the page in the order in which they were drawn
    const rows = await this.page
      .locator('.debug-call-stack .monaco-list-row')
      .evaluateAll((all) =>
        all.map((row) => ({ at: Number(row.getAttribute('data-index')), text: (row as HTMLElement).innerText })),
      );
    return rows.sort((a, b) => a.at - b.at).map(({ text }) => text);
  }

  /** The row of the Variables view that shows this variable. */
  variable(name: string): Locator {
    return this.page.locator('.debug-variables .monaco-list-row').filter({ hasText: new RegExp(`^${name} =`) });
  }

  /** The value that the Variables view shows for a variable of an unfolded scope. */
  async variableValue(name: string): Promise<string> {
    const text = (await this.variable(name).first().textContent()) ?? '';
    return text.slice(text.indexOf('=') + 1).trim();
  }

  /** The page inside the one visible webview. */
  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  /** Rows of the Problems view, once it is open. */
  problems(): Locator {
    return this.page.locator('.markers-panel .monaco-list-row');
  }

  /** What VS Code itself measured for the activation of our extension, ms; undefined while it is not active. */
  async activationMs(): Promise<number | undefined> {
    await this.command('Developer: Show Running Extensions');
    const row = this.page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'Virtio Lab' });
    const text = (await row.locator('.activation-time').textContent()) ?? '';
    const ms = /(\d+)\s*ms/.exec(text)?.[1];
    return ms === undefined ? undefined : Number(ms);
  }

  /** Text of the Debug Console. */
  async debugConsole(): Promise<string> {
    await this.command('Debug Console: Focus on Debug Console View');
    return (await this.page.locator('.repl .monaco-list-rows').innerText()).replaceAll('\u00a0', ' ');
  }
}

/** One line, plain spaces. */
export const normal = (text: string): string => text.replace(/[\s\u00a0\u2009]+/g, ' ').trim();

const folders = new Map<string, Promise<string>>();

/** A folder of extensions with this one installed, for all suites of the process: unpacking it takes seconds. */
function installed(vsix: string): Promise<string> {
  const install = async (): Promise<string> => {
    const data = mkdtempSync(join(tmpdir(), 'virtio-lab-extensions-'));
    process.once('exit', () => rmSync(data, { recursive: true, force: true }));
    const extensions = join(data, 'extensions');
    await installExtension(vsix, { data, extensions, env: { ...process.env, PATH: emptyPath(data) } });
    return extensions;
  };
  const known = folders.get(vsix) ?? install();
  folders.set(vsix, known);
  return known;
}

/** A PATH that holds no program at all. */
function emptyPath(data: string): string {
  const folder = join(data, 'empty-path');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * For a `describe`: opens a workbench before its tests and closes it after them; a failed test leaves a picture in out/shots.
 * @param options made just before, when the folder is there
 * @returns a function that gives the workbench, for use inside tests
 */
export function useWorkbench(options: () => WorkbenchOptions): () => Workbench {
  let workbench: Workbench | undefined;
  before(async () => {
    workbench = await Workbench.open(options());
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await workbench?.screenshot(
        `failed ${this.currentTest
          .fullTitle()
          .replaceAll(/[^\w]+/g, ' ')
          .slice(0, 100)}`,
      );
  });
  after(async () => {
    await workbench?.close();
  });
  return () => {
    if (!workbench) throw new Error('the workbench is open only while tests run');
    return workbench;
  };
}
