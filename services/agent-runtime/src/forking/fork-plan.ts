import type { AgentId, ErrorCode, ForkedEffect, ForkPlan } from '@skynet/contracts';
import { isRefused, type Refused } from '@skynet/kernel';
import type { StoredEvent } from '@skynet/platform';
import { dataOf } from '../owner/agent-stream.js';
import { pauseForOthers } from '../past/pauses.js';
import { momentBefore, type TreeLog } from '../past/tree-log.js';
import { countBefore, forkSource, type ForkSource } from './fork-source.js';

/** What a fork at that event would share, and what it would do again. */
export async function planFork(
  tree: TreeLog,
  at: number | undefined,
): Promise<{ readonly plan: ForkPlan } | Refused<ErrorCode>> {
  const source = await forkSource(tree, at);
  if (isRefused(source)) return source;
  const forked = [source, ...below(source)];
  const moment = momentBefore(tree, source.agentId, source.at);
  const open = forked.flatMap(openEffects);
  const shared: ForkedEffect[] = [];
  for (const { agentId, stored } of tree.agents.values()) {
    await pauseForOthers();
    const count = agentId === source.agentId ? source.at : countBefore(tree, agentId, moment);
    shared.push(...settledEffects(agentId, stored.slice(0, count)));
  }
  return {
    plan: {
      at: source.at,
      shared,
      again: open.filter(({ isAgain }) => isAgain).map(({ effect }) => effect),
      inDoubt: open.filter(({ isAgain }) => !isAgain).map(({ effect }) => effect),
      agents: forked.slice(1).map(({ agentId }) => agentId),
    },
  };
}

function below({ children }: ForkSource): ForkSource[] {
  return children.flatMap(({ source }) => (source === undefined ? [] : [source, ...below(source)]));
}

function openEffects({ agentId, state }: ForkSource) {
  return [...state.toolCalls]
    .filter(([, { stage }]) => stage !== 'asked')
    .map(([id, { name, stage, recovery }]) => ({
      effect: { agentId, id, name },
      isAgain: stage === 'started' && recovery === 'retry',
    }));
}

/** Calls of tools of servers whose outcome is in the log. */
function settledEffects(agentId: AgentId, events: readonly StoredEvent[]): ForkedEffect[] {
  const names = new Map<string, string>();
  const started = new Set<string>();
  return events.flatMap((event): ForkedEffect[] => {
    const { outcome } = dataOf(event, 'ModelCallSettled') ?? {};
    const calls = outcome?.kind === 'answered' ? outcome.toolCalls : [];
    for (const { id, name } of calls) names.set(id, name);
    const begun = dataOf(event, 'ToolCallStarted');
    if (begun !== undefined) started.add(begun.toolCallId);
    const id = dataOf(event, 'ToolCallSettled')?.toolCallId;
    const isOver = id !== undefined && started.has(id);
    return isOver ? [{ agentId, id, name: names.get(id) ?? '' }] : [];
  });
}
