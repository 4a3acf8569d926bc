import type { RetentionAnswer } from '@skynet/contracts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function renderRetention(answer: RetentionAnswer, nowMs: number): string[] {
  const { agents, due, ended, failing, forgotten, kept, keptForMs, oldestEndMs } = answer;
  const oldest = oldestEndMs === undefined ? '' : `, the oldest ${ago(nowMs - oldestEndMs)} ago`;
  return [
    `kept       ${keptForMs === 0 ? 'for ever' : `${ago(keptForMs)} after the end`}`,
    `archives   ${answer.archiveFolder ?? 'none'}`,
    `trees      ${answer.trees}, of ${agents} agents; ${ended} have ended${oldest}`,
    `due        ${due.count}`,
    ...due.rootIds.map((rootId) => `  ${rootId}`),
    ...more(due.count - due.rootIds.length),
    `stay       ${kept.count}`,
    ...kept.named.map(({ rootId, reason }) => `  ${rootId}  ${reason}`),
    ...more(kept.count - kept.named.length),
    `forgotten  ${forgotten} since the runtime was started, ${failing} could not be`,
    ...(answer.refusal === undefined ? [] : [`nothing is forgotten: ${answer.refusal}`]),
  ];
}

function more(count: number): string[] {
  return count > 0 ? [`  … and ${count} more`] : [];
}

function ago(ms: number): string {
  if (ms < HOUR_MS) return `${Math.round(ms / 60_000)} min`;
  return ms < 2 * DAY_MS ? `${Math.round(ms / HOUR_MS)} h` : `${Math.round(ms / DAY_MS)} days`;
}
