import type { AgentEventData } from '@skynet/contracts';
import type { SpawnedAgent } from '../agent/agent-state.js';
import { NOTHING_SPENT } from '../agent/spent.js';

/** An agent after the first event of its stream. */
export function newAgent(data: AgentEventData<'AgentSpawned'>): SpawnedAgent {
  const { topics } = data.spec;
  return {
    phase: 'queued',
    spawned: data,
    revision: 0,
    paused: false,
    epoch: 0,
    queuedRevision: 0,
    dispatchId: -1,
    rules: 0,
    runsWithoutStep: 0,
    modelCalls: 0,
    failedAttempts: 0,
    toolCalls: new Map(),
    awaits: new Map(),
    children: new Map(),
    spent: NOTHING_SPENT,
    conversation: [],
    conversationBytes: 0,
    conversationHash: '',
    unread: [],
    ...(topics !== undefined && { topics }),
    handled: new Set(),
  };
}
