import { commandOf, type ChaosOptions } from './options.js';
import { historiesOf } from './oracle/agent-history.js';
import { words } from './oracle/evidence.js';
import type { ChaosOutcome } from './run-chaos.js';

const MOST_LISTED = 20;

/** What came out of a run, in lines. */
export function reportOf(outcome: ChaosOutcome, options: ChaosOptions): string[] {
  const { evidence, findings, ledger, natsServer, tookMs, folder } = outcome;
  const histories = [...historiesOf(evidence.commits).values()];
  const ends = Map.groupBy(histories, ({ status }) => status);
  const counts = [...ends].map(([status, agents]) => `${agents.length} ${status}`);
  const { acknowledged, refused, odd } = ledger;
  return [
    '',
    `seed ${options.seed}: ${options.kills} faults, nats-server ${natsServer}, ${(tookMs / 1_000).toFixed(0)} s`,
    `${acknowledged.size} keys acknowledged, ${histories.length} agents (${counts.join(', ')}), ` +
      `${evidence.commits.length} commits, ${evidence.calls.length} tool calls counted`,
    ...refused.slice(0, MOST_LISTED).map((text) => `refused: ${text}`),
    ...[...odd].slice(0, MOST_LISTED).map(([text, count]) => `odd, ${count} times: ${text}`),
    '',
    ...words.map((word) => {
      const found = findings.filter((finding) => finding.word === word);
      return `${word.padEnd(14)} ${String(found.length).padStart(4)}`;
    }),
    '',
    ...words.flatMap((word) => {
      const found = findings.filter((finding) => finding.word === word);
      const shown = found.slice(0, MOST_LISTED).map((each) => `  ${each.agentId}: ${each.what}`);
      const more = found.length - shown.length;
      return found.length === 0 ? [] : [word, ...shown, ...(more > 0 ? [`  ${more} more`] : [])];
    }),
    `again: ${commandOf(options)}`,
    ...(folder === undefined ? [] : [`data and logs: ${folder}`]),
  ];
}
