import { endsAgent, rejection, type ErrorCode, type Limits } from '@skynet/contracts';
import { isSpawned, statusOf } from '@skynet/domain-agents';
import { isRefused, type Refused, type Rejection } from '@skynet/kernel';
import { dataOf } from '../owner/agent-stream.js';
import { stateAt, type AgentLog } from '../past/agent-log.js';
import { commitsOf, type TreeCommit, type TreeLog } from '../past/tree-log.js';
import { forkSource, hasSaidAll, type ForkSource } from './fork-source.js';

/** An agent that has ended and not completed. */
export interface RetrySource {
  /** Its last good step: what is done again comes behind it. */
  readonly source: ForkSource;
  /** Its end, up to which all that it spent counts. */
  readonly end: ForkSource;
  /** What it had too little of, where that ended it. */
  readonly usedUp?: 'tokens' | 'costMicroUsd';
}

/** What a retry of the agent begins with, or why there can be none. */
export async function retrySource(tree: TreeLog): Promise<RetrySource | Refused<ErrorCode>> {
  const log = tree.agents.get(tree.rootId);
  const last = log && commitsOf(log).find(({ events }) => events.some(endsAgent));
  if (log === undefined || last === undefined) return hasNotEnded(tree);
  const end = await forkSource(tree, revisionBehind(last));
  if (isRefused(end)) return end;
  const refused = whyNotRetry(end);
  if (refused !== undefined) return refused;
  const [exhausted] = last.events.flatMap((event) => dataOf(event, 'AgentExhausted') ?? []);
  const found = { end, ...(exhausted !== undefined && { usedUp: exhausted.limit }) };
  if (!hasSaidAll(end.state)) return { source: end, ...found };
  // An answer that ended it otherwise than well is given again.
  const source = await forkSource(tree, lastAnswer(log));
  return isRefused(source) ? source : { source, ...found };
}

function revisionBehind({ events }: TreeCommit): number {
  return (events.at(-1)?.revision ?? 0) + 1;
}

function whyNotRetry({ agentId, state }: ForkSource): Refused<ErrorCode> | undefined {
  if (state.phase === 'completed') {
    return notFailed(`${agentId} has completed: there is nothing to retry, fork it`);
  }
  if (state.sharedParts === undefined) return undefined;
  return notFailed(`${agentId} ended before it had its history: fork the agent that it shares`);
}

async function hasNotEnded({ agents, rootId }: TreeLog): Promise<Refused<ErrorCode>> {
  const log = agents.get(rootId);
  const state = log && (await stateAt(log, log.stored.length));
  if (state === undefined || !isSpawned(state)) return notFailed(`${rootId} never began`);
  return notFailed(`${rootId} has not ended: it is ${statusOf(state)}`);
}

function notFailed(message: string): Refused<ErrorCode> {
  return { refused: rejection('AGENT_NOT_FAILED', message) };
}

function lastAnswer({ stored }: AgentLog): number | undefined {
  return stored.findLast((event) => dataOf(event, 'ModelCallSettled') !== undefined)?.revision;
}

const LEAST_MS = 1_000;

interface AskedLimits {
  readonly limits: Limits;
  readonly nowMs: number;
  readonly isOtherModel: boolean;
  /** Names of limits that the caller gives. */
  readonly wished: readonly string[];
}

/** Why an agent with these limits would end at once, with what gives it more. */
export function tooLittle(retried: RetrySource, asked: AskedLimits): Rejection | undefined {
  const { agentId, state } = retried.end;
  const { limits, nowMs } = asked;
  if (limits.deadlineMs - nowMs < LEAST_MS) {
    return short('DEADLINE_PASSED', 'seconds', `${agentId} has no time left`);
  }
  if (limits.tokens <= 0 || isUsedUp('tokens', retried, asked)) {
    return short(
      'BUDGET_EXHAUSTED',
      'tokens',
      `${agentId} has too few tokens left, ${limits.tokens}`,
    );
  }
  const { costMicroUsd } = limits;
  const isPenniless = costMicroUsd <= 0 && state.spent.costMicroUsd > 0;
  if (!isPenniless && !isUsedUp('costMicroUsd', retried, asked)) return undefined;
  const message = `${agentId} has too little money left, ${costMicroUsd} micro-USD`;
  return short('BUDGET_EXHAUSTED', 'costMicroUsd', message);
}

/** Another model may need less of what ended the agent. */
function isUsedUp(
  name: 'tokens' | 'costMicroUsd',
  { usedUp }: RetrySource,
  { isOtherModel, wished }: AskedLimits,
): boolean {
  return usedUp === name && !isOtherModel && !wished.includes(name);
}

function short(code: ErrorCode, limit: string, message: string): Rejection {
  return rejection(code, `${message}: name more with limits.${limit}`, { limit });
}
