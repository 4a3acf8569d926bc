import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import type { EdgeClient } from './load/edge-client.js';
import type { Ledger } from './load/ledger.js';
import { lookAtAgents } from './load/look-at-agents.js';
import { readLog } from './log/raw-log.js';
import { historiesOf, type AgentHistory } from './oracle/agent-history.js';
import type { CountedCall, Evidence, SeenAgent, SlotLimits } from './oracle/evidence.js';
import { staleness } from './oracle/find-stale.js';
import { lookUntil } from './oracle/look-until.js';

export interface Sources {
  readonly connection: NatsConnection;
  readonly client: EdgeClient;
  readonly ledger: Ledger;
  readonly limits: SlotLimits;
  /** Steps of clocks in the run are no shorter. */
  readonly leastStepMs: number;
  /** File of the counting tools. */
  readonly calls: string;
}

const LOOK_AGAIN_MS = 1_000;
const VIEWS_LIMIT_MS = 15_000;
const LOOK_LIMIT_MS = 180_000;
/** A machine with much else to do. */
const LOOK_AT_ONE_MS = 200;

/** Resolves when every agent of the log has ended, or after this time. */
export async function whenAllEnded(connection: NatsConnection, limitMs: number): Promise<void> {
  const giveUpMs = performance.now() + limitMs;
  for (;;) {
    const histories = historiesOf(await readLog(connection));
    const isOver = [...histories.values()].every(({ isEnded }) => isEnded);
    if (isOver || performance.now() > giveUpMs) return;
    await sleep(LOOK_AGAIN_MS);
  }
}

/**
 * Reads everything in the end; views get a while to follow. What is not shown before the signal is aborted, or within a time that
 * grows with the number of agents, stays unseen.
 */
export async function collectEvidence(sources: Sources, end: AbortSignal): Promise<Evidence> {
  let commits = await readLog(sources.connection);
  let behind = [...historiesOf(commits).keys()];
  const limitMs = LOOK_LIMIT_MS + behind.length * LOOK_AT_ONE_MS;
  const signal = AbortSignal.any([end, AbortSignal.timeout(limitMs)]);
  const seen = new Map<string, SeenAgent | undefined>();
  const look = async () => {
    await lookAtAgents(sources.client, behind, { seen, signal });
    // What still ran may have gone on meanwhile.
    commits = await readLog(sources.connection);
    const histories = [...historiesOf(commits).values()];
    behind = histories.filter((each) => isBehind(each, seen)).map(idOf);
    return behind.length === 0 || signal.aborted;
  };
  const nowMs = () => performance.now();
  const pause = () => sleep(LOOK_AGAIN_MS);
  await lookUntil(look, { limitMs: VIEWS_LIMIT_MS, nowMs, pause });
  const { acknowledged, ends, shown } = sources.ledger;
  const calls = await readCalls(sources.calls);
  const { limits, leastStepMs } = sources;
  return { commits, acknowledged, ends, shown, calls, limits, leastStepMs, seen };
}

function isBehind(
  history: AgentHistory,
  seen: ReadonlyMap<string, SeenAgent | undefined>,
): boolean {
  return staleness(history, seen.get(history.agentId)).length > 0;
}

function idOf({ agentId }: AgentHistory): string {
  return agentId;
}

async function readCalls(file: string): Promise<CountedCall[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as CountedCall);
}
