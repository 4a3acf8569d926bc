import type { ApprovedTool, ToolApprovalAnswer } from '@skynet/contracts';
import { oneLine } from '../screen/plain-text.js';

const WIDTH = 1_000;

/** What was, or would be, approved of a server, with what is other than before. */
export function renderApproval(
  server: string,
  { approved }: Pick<ToolApprovalAnswer, 'approved'>,
  { dryRun }: { readonly dryRun: boolean },
): string[] {
  const count = `${approved.length} ${approved.length === 1 ? 'tool' : 'tools'}`;
  const what = dryRun ? `${count} would be approved` : `${count} approved`;
  return [oneLine(`${server}  ${what}`, WIDTH), ...approved.flatMap(renderTool)];
}

function renderTool({ tool, kind, sinceMs, changes }: ApprovedTool): string[] {
  const since = new Date(sinceMs).toISOString().slice(0, 16).replace('T', ' ');
  return [
    `  ${oneLine(`${tool}  ${kind} since ${since} UTC`, WIDTH)}`,
    ...changes.map((line) => `    ${oneLine(line, WIDTH)}`),
  ];
}
