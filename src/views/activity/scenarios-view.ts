// The Scenarios view: what one can run, of this workspace and bundled; to debug, to run to the end, or to open.
import * as vscode from 'vscode';
import { bundledScenarios, runScenario, type ScenarioEntry, workspaceScenarios } from '../../panel';
import { NOT_SHOWN, type NotShown } from './not-shown';
import { type ScenarioFolder, scenarioFolders } from './scenario-tree';

type Node = ScenarioFolder | ScenarioEntry | NotShown;

const isFolder = (node: Node): node is ScenarioFolder => 'entries' in node;

class ScenarioTree implements vscode.TreeDataProvider<Node> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly extensionPath: string) {}

  refresh(): void {
    this.changed.fire();
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node !== undefined) return isFolder(node) ? [...node.entries, ...(node.notShown ?? [])] : [];
    const [workspace, bundled] = await Promise.all([workspaceScenarios(), bundledScenarios(this.extensionPath)]);
    return [...scenarioFolders(workspace, bundled)];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
    if (isFolder(node)) {
      // a long list of what comes with the lab may wait
      const item = new vscode.TreeItem(node.title, node.entries.length > 12 ? Collapsed : Expanded);
      item.id = `folder ${node.title}`;
      item.iconPath = vscode.ThemeIcon.Folder;
      return item;
    }
    if ('reason' in node) return notShownItem(node);
    const item = new vscode.TreeItem(node.name, None);
    item.id = node.path;
    item.description = node.origin === 'workspace' ? vscode.workspace.asRelativePath(node.path) : undefined;
    item.tooltip = new vscode.MarkdownString().appendMarkdown('**').appendText(node.name).appendMarkdown('**\n\n');
    item.tooltip.appendText(node.description);
    item.contextValue = 'scenario';
    item.iconPath = new vscode.ThemeIcon('beaker');
    item.resourceUri = node.origin === 'workspace' ? vscode.Uri.file(node.path) : undefined;
    item.command = { command: 'vscode.open', title: 'Open', arguments: [vscode.Uri.file(node.path)] };
    return item;
  }
}

function notShownItem({ name, reason }: NotShown): vscode.TreeItem {
  const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.None);
  item.description = NOT_SHOWN;
  item.tooltip = reason;
  item.iconPath = new vscode.ThemeIcon('circle-slash');
  item.accessibilityInformation = { label: `${name}, ${NOT_SHOWN}: ${reason}` };
  return item;
}

export function registerScenarios(context: vscode.ExtensionContext): vscode.Disposable {
  const tree = new ScenarioTree(context.extensionPath);
  const watcher = vscode.workspace.createFileSystemWatcher('**/*.virtio.json');
  const refresh = (): void => tree.refresh();
  const command = (name: string, act: (entry: ScenarioEntry) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(`virtioLab.scenarios.${name}`, act);
  return vscode.Disposable.from(
    vscode.window.createTreeView('virtioLab.scenarios', { treeDataProvider: tree, showCollapseAll: true }),
    watcher,
    watcher.onDidCreate(refresh),
    watcher.onDidChange(refresh),
    watcher.onDidDelete(refresh),
    command('debug', ({ path }) => runScenario(context, vscode.Uri.file(path))),
    command('run', ({ path }) => runScenario(context, vscode.Uri.file(path), { noDebug: true })),
    command('open', ({ path }) => vscode.window.showTextDocument(vscode.Uri.file(path))),
    vscode.commands.registerCommand('virtioLab.scenarios.refresh', refresh),
  );
}
