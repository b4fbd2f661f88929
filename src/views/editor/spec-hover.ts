// Hovers on ring fields, flags, features, status bits and registers, each with its section of the specification.
import * as vscode from 'vscode';

const SETTING = 'virtioLab.specHovers';

/** In C files; in scenarios too, which name features. */
const DOCUMENTS: vscode.DocumentSelector = [{ language: 'c' }, { language: 'cpp' }, { pattern: '**/*.virtio.json' }];

export function registerSpecHovers(): vscode.Disposable {
  return vscode.languages.registerHoverProvider(DOCUMENTS, {
    async provideHover(document, { line, character }) {
      if (!vscode.workspace.getConfiguration().get<boolean>(SETTING, true)) return undefined;
      const { specAt } = await import('./spec-lookup');
      const hit = specAt(document.lineAt(line).text, character);
      if (hit === undefined) return undefined;
      const text = new vscode.MarkdownString().appendMarkdown(`**${hit.title}**: ${hit.text}`);
      if (hit.section !== undefined) text.appendMarkdown(`\n\n*Virtio ${hit.since ?? '1.2'}, section ${hit.section}*`);
      return new vscode.Hover(text, new vscode.Range(line, hit.start, line, hit.end));
    },
  });
}
