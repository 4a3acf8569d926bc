import type { AgentResult } from '@skynet/client';
import { oneLine } from '../screen/plain-text.js';
import { colored, leftOutText } from './status-view.js';
import type { Terminal } from '../screen/terminal.js';

/** The output on standard output; how the agent ended, if not well, beside it. */
export function printResult(terminal: Terminal, result: AgentResult, asJson: boolean): void {
  if (asJson) return terminal.printJson(result);
  const { status, output, failure, partial } = result;
  if (output !== '') terminal.printText(output);
  for (const { id, mediaType, name = '' } of result.attachments ?? []) {
    terminal.note(oneLine(`attachment ${id} ${mediaType} ${name}`.trimEnd()));
  }
  const leftOut = leftOutText(result.toolsLeftOut);
  if (leftOut !== undefined) terminal.note(oneLine(`worked without ${leftOut}`));
  if (partial !== true) return;
  const reason = failure === undefined ? '' : `: ${failure.reason}: ${oneLine(failure.message)}`;
  terminal.note(`${colored(status, terminal.colors)}${reason}`);
}
