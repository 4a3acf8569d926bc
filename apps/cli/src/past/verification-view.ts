import type { Verification } from '@skynet/contracts';
import type { Terminal } from '../screen/terminal.js';

/** What was decided again, and the first event that does not follow. */
export function renderVerification(
  verification: Verification,
  { colors }: Pick<Terminal, 'colors'>,
): string[] {
  const { agents, events, decisions, requests, answers, divergence } = verification;
  const counts =
    `${agents} agents, ${events} events, ${decisions} decisions; ` +
    `requests ${counted(requests)}, answers ${counted(answers)}`;
  if (divergence === undefined) return [`${colors.green('same')} ${counts}`];
  const { agentId, revision, type, reason, recorded, expected, suspects = [] } = divergence;
  return [
    `${colors.red('diverged')} ${counts}`,
    `agent    ${agentId}`,
    `event    ${revision} ${type}: ${reason}`,
    `recorded ${JSON.stringify(recorded?.data ?? null)}`,
    `expected ${expected === undefined ? 'nothing' : `${expected.type} ${JSON.stringify(expected.data)}`}`,
    ...(suspects.length === 0 ? [] : [`altered  perhaps one of the events ${suspects.join(', ')}`]),
  ];
}

function counted({ checked, unchecked }: Verification['requests']): string {
  return unchecked === 0 ? `${checked} the same` : `${checked} compared, ${unchecked} not`;
}
