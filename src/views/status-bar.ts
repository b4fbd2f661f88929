// The status bar: where in virtual time the session stands that is looked at.
import * as vscode from 'vscode';
import type { LabSession, Sessions } from '../panel';
import { grouped, virtualTime } from './words';

export function registerStatusBar(sessions: Sessions): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('virtioLab.position', vscode.StatusBarAlignment.Left, 50);
  item.name = 'Virtio: virtual time';
  item.command = 'virtioLab.showRings';
  const show = (session: LabSession | undefined): void => {
    // a run of many steps does not blink: the last stop stays until the next
    if (session?.running === true && session.state !== undefined) return;
    if (session === undefined) return item.hide();
    Object.assign(item, positionText(session));
    item.show();
  };
  return vscode.Disposable.from(item, sessions.onDidChangeActive(show));
}

/** What the item says and tells on hover. */
function positionText({
  state,
  launched,
}: LabSession): Pick<vscode.StatusBarItem, 'text' | 'tooltip' | 'accessibilityInformation'> {
  if (state === undefined)
    return {
      text: '$(circuit-board) starting',
      tooltip: launched.title,
      accessibilityInformation: { label: 'Virtio machine is starting' },
    };
  const { tick, sub } = state.position;
  const time = virtualTime(state.timeNs);
  const past = state.furthest > tick ? ` of ${grouped(state.furthest)}` : '';
  const place = `tick ${grouped(tick)}${sub === 0 ? '' : `+${sub}`}${past}`;
  const tooltip = new vscode.MarkdownString().appendText(`${launched.title}\n${state.reason}\n`);
  for (const { ring, sentence } of state.queues) tooltip.appendText(`\n${ring.name}: ${sentence}\n`);
  return {
    text: `$(circuit-board) ${time} · ${place}`,
    tooltip,
    accessibilityInformation: { label: `Virtio: virtual time ${time}, ${place}. ${state.reason}` },
  };
}
