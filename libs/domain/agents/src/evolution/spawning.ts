import type { AgentEventData } from '@skynet/contracts';
import type { SpawnedAgent } from '../agent/agent-state.js';

/** An agent after the first event of its stream. */
export function newAgent(data: AgentEventData<'AgentSpawned'>): SpawnedAgent {
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
    spent: { inputTokens: 0, outputTokens: 0, costMicroUsd: 0, descendants: 0 },
    conversation: [],
    conversationBytes: 0,
    conversationHash: '',
    handled: new Set(),
  };
}
