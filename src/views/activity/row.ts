// A row of a tree that follows the session: plain data, made by pure functions; here it becomes VS Code's item.
import * as vscode from 'vscode';
import type { LabSession, Sessions, SourceLink } from '../../panel';

export interface Row {
  /** the same for the same thing at the next stop: the tree keeps what is unfolded */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** plain text; the label and description when absent */
  readonly tooltip?: string;
  /** a ThemeIcon's name */
  readonly icon?: string;
  /** what `view/item/context` menus go by */
  readonly context?: string;
  /** a click goes there */
  readonly source?: SourceLink;
  /** where in the run it is */
  readonly position?: { readonly tick: number; readonly sub: number };
  readonly children?: readonly Row[];
  readonly unfolded?: boolean;
}

/** A tree of rows that are made anew of each stop of the session that is looked at. */
export class RowTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly registration: vscode.Disposable;
  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly sessions: Sessions,
    private readonly rowsOf: (session: LabSession) => readonly Row[],
    /** hears of the rows also when nobody looks at the tree */
    told?: (rows: readonly Row[]) => void,
  ) {
    // while it runs the last stop stays: rows that come and go at each step cannot be read
    this.registration = sessions.onDidChangeActive((session) => {
      if (session?.running === true) return;
      told?.(this.roots);
      this.changed.fire();
    });
  }

  get roots(): readonly Row[] {
    const { active } = this.sessions;
    return active === undefined ? [] : this.rowsOf(active);
  }

  getChildren(row?: Row): Row[] {
    return [...(row === undefined ? this.roots : (row.children ?? []))];
  }

  getTreeItem(row: Row): vscode.TreeItem {
    const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
    const leaf = (row.children ?? []).length === 0;
    const item = new vscode.TreeItem(row.label, leaf ? None : row.unfolded === true ? Expanded : Collapsed);
    item.id = row.id;
    item.description = row.description;
    item.tooltip = row.tooltip;
    item.contextValue = row.context;
    if (row.icon !== undefined) item.iconPath = new vscode.ThemeIcon(row.icon);
    if (row.source !== undefined)
      item.command = {
        command: 'virtioLab.openSource',
        title: 'Go to Source',
        arguments: [row.source.path, row.source.line],
      };
    return item;
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
