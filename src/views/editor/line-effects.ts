// Marks on lines of C that led to kicks, exits and interrupts in the run that is looked at: behind the line, or above it as CodeLens.
import * as vscode from 'vscode';
import type { LabSession, Sessions } from '../../panel';
import { type LineMark, lineMarks } from './effect-text';

const C = [{ language: 'c' }, { language: 'cpp' }];
const SETTING = 'virtioLab.lineEffects';

type Where = 'afterLine' | 'codeLens' | 'off';

export function registerLineEffects(sessions: Sessions): vscode.Disposable {
  const marks = new LineEffectMarks(sessions);
  return vscode.Disposable.from(marks, vscode.languages.registerCodeLensProvider(C, marks));
}

class LineEffectMarks implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly type = vscode.window.createTextEditorDecorationType({
    // the colour of CodeLens is too faint for text on a light background: 3.1 to 1
    after: { margin: '0 0 0 3em', color: new vscode.ThemeColor('descriptionForeground'), fontStyle: 'italic' },
    overviewRulerColor: new vscode.ThemeColor('charts.orange'),
    overviewRulerLane: vscode.OverviewRulerLane.Right,
  });
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly registrations: readonly vscode.Disposable[];
  private marks: ReadonlyMap<string, readonly LineMark[]> = new Map();
  readonly onDidChangeCodeLenses = this.changed.event;

  constructor(sessions: Sessions) {
    this.registrations = [
      sessions.onDidChangeActive((session) => void this.follow(session)),
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(SETTING)) void this.follow(sessions.active);
      }),
    ];
  }

  provideCodeLenses({ uri }: vscode.TextDocument): vscode.CodeLens[] {
    if (where() !== 'codeLens') return [];
    return (this.marks.get(uri.fsPath) ?? []).map(({ line, text, details }) => {
      const command = { command: '', title: text, tooltip: details.join('\n') };
      return new vscode.CodeLens(new vscode.Range(line - 1, 0, line - 1, 0), command);
    });
  }

  dispose(): void {
    for (const registration of this.registrations) registration.dispose();
    this.type.dispose();
    this.changed.dispose();
  }

  private async follow(session: LabSession | undefined): Promise<void> {
    if (session?.running === true) return;
    this.marks = session?.stop === undefined || where() === 'off' ? new Map() : await marksOf(session);
    this.draw();
    this.changed.fire();
  }

  private draw(): void {
    const shown = where() === 'afterLine';
    for (const editor of vscode.window.visibleTextEditors) {
      const marks = shown ? (this.marks.get(editor.document.uri.fsPath) ?? []) : [];
      editor.setDecorations(
        this.type,
        marks
          .filter(({ line }) => line <= editor.document.lineCount)
          .map(({ line, text, details }) => ({
            range: editor.document.lineAt(line - 1).range,
            renderOptions: { after: { contentText: text } },
            hoverMessage: details.map((detail) => new vscode.MarkdownString().appendText(detail)),
          })),
      );
    }
  }
}

function where(): Where {
  return vscode.workspace.getConfiguration().get<Where>(SETTING, 'afterLine');
}

async function marksOf({ launched }: LabSession): Promise<ReadonlyMap<string, readonly LineMark[]>> {
  const { machine } = launched;
  // a machine that has gone on or has ended meanwhile has its next stop to tell
  const effects = await machine.lineEffects().catch(() => []);
  return lineMarks(effects, machine.program, (file) => launched.sourcePath(file));
}
