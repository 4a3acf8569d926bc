import type { AgentEvent, AgentEventData } from '@skynet/contracts';
import { aCommand, agentAdmitted, agentSpawned, runStarted } from './agents.js';

/** Of the call that `callingTool` begins. */
export const TOOL_CALL_ID = 'm1_0';

const usage = { inputTokens: 10, outputTokens: 5, costMicroUsd: 20 };
const held = { inputTokens: 100, outputTokens: 1_000, costMicroUsd: 2_100 };
const toolCalls = [{ id: TOOL_CALL_ID, name: 'files__write', arguments: '{}' }];

type Recovery = AgentEventData<'ToolCallStarted'>['recovery'];

export function toolCallStarted(recovery: Recovery, attempt = 1): AgentEvent {
  return { type: 'ToolCallStarted', data: { toolCallId: TOOL_CALL_ID, attempt, recovery } };
}

/** An agent in its first run, with one tool call under way. */
export function callingTool(recovery: Recovery): AgentEvent[] {
  return [
    agentSpawned(),
    agentAdmitted(),
    runStarted({ epoch: 1 }),
    {
      type: 'ModelCallStarted',
      data: {
        ...{ callId: 'm1', attempt: 1, model: 'scripted:echo', maxTokens: 1_000 },
        ...{ windDown: false, held, requestHash: 'hash' },
      },
    },
    {
      type: 'ModelCallSettled',
      data: { callId: 'm1', usage, outcome: { kind: 'answered', text: '', toolCalls } },
    },
    toolCallStarted(recovery),
  ];
}

/** Its next run. */
export const secondRun: AgentEvent = {
  type: 'RunStarted',
  data: {
    ...{ epoch: 2, workerId: 'worker-2', dispatchId: 1, offered: null, rules: 0 },
    keepsSlot: false,
  },
};

/** Its first worker is lost, and another one begins that run. */
export function takenOver() {
  return aCommand('StartRun', {
    ...{ dispatchId: 1, workerId: 'worker-2', lostWorkerId: 'worker-1' },
    ...{ offered: null, rules: 0, keepsSlot: false },
    context: { promptBytes: 100, promptHash: 'prompt', recoveries: {} },
  });
}
