import { commandOf, type ChaosOptions } from './options.js';
import type { LoggedEvent } from './log/logged-commit.js';
import { eventsOf, historiesOf } from './oracle/agent-history.js';
import { words } from './oracle/evidence.js';
import type { ChaosOutcome } from './run-chaos.js';

const MOST_LISTED = 20;

/** What came out of a run, in lines. */
export function reportOf(outcome: ChaosOutcome, options: ChaosOptions): string[] {
  const { evidence, findings, ledger, natsServer, tookMs, folder } = outcome;
  const histories = [...historiesOf(evidence.commits).values()];
  const ends = Map.groupBy(histories, ({ status }) => status);
  const counts = [...ends].map(([status, agents]) => `${agents.length} ${status}`);
  const failures = Map.groupBy(
    histories.flatMap((history) => eventsOf(history, 'AgentFailed')),
    ({ data }) => (data['failure'] as { readonly reason: string }).reason,
  );
  const { acknowledged, refused, odd } = ledger;
  return [
    '',
    `seed ${options.seed}: ${options.kills} faults, nats-server ${natsServer}, ${(tookMs / 1_000).toFixed(0)} s`,
    `${acknowledged.size} keys acknowledged, ${histories.length} agents (${counts.join(', ')}), ` +
      `${evidence.commits.length} commits, ${evidence.calls.length} tool calls counted`,
    interruptionsOf(evidence.commits.flatMap(({ events }) => events)),
    ...[...failures].map(([reason, failed]) => `failed with ${reason}: ${failed.length}`),
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

/** What the faults did to the agents: a run in which nothing broke off has shown nothing. */
function interruptionsOf(events: readonly LoggedEvent[]): string {
  const count = (type: string, holds: (data: LoggedEvent['data']) => boolean = () => true) =>
    events.filter((event) => event.type === type && holds(event.data)).length;
  const lost = count('ModelCallSettled', ({ outcome }) => kindOf(outcome) === 'lost');
  const again = count('ToolCallStarted', ({ attempt }) => Number(attempt) > 1);
  const unknown = count('ToolCallSettled', ({ content }) =>
    /^OUTCOME_UNKNOWN/.test(String(content)),
  );
  return (
    `${lost} model calls lost with their worker; tool calls: ${again} started again, ` +
    `${count('ToolCallInDoubt')} in doubt, ${unknown} given up`
  );
}

function kindOf(outcome: unknown): string {
  return (outcome as { readonly kind: string }).kind;
}
