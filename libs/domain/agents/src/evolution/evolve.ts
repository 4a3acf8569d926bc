import { agentEnds, endsAgent, type AgentEvent } from '@skynet/contracts';
import { unreachable } from '@skynet/kernel';
import {
  isSpawned,
  modelOf,
  type AgentState,
  type OpenToolCall,
  type SpawnedAgent,
} from '../agent/agent-state.js';
import { boardWritten } from './board.js';
import { modelChosen } from './choosing.js';
import { conversationCompacted } from './compacting.js';
import { childEnded, childReserved } from './children.js';
import {
  awaitEnded,
  modelCallSettled,
  outputRejected,
  toolCallSettled,
  type Sha256,
} from './conversing.js';
import { childExtended, limitsExtended } from './extending.js';
import { inputMoved, withoutOpenInput } from './asking.js';
import { agentForked, historyShared } from './forking.js';
import { withEntry } from './map-changes.js';
import { messageReceived, topicsChanged, withMessagesRead } from './messages.js';
import { newAgent } from './spawning.js';

/** An event with the id of the command that caused it. */
export type CausedEvent = AgentEvent & { readonly causationId?: string };

export function evolveAgent(sha256: Sha256) {
  return (state: AgentState, event: CausedEvent): AgentState => {
    if (event.type === 'AgentSpawned') return newAgent(event.data);
    if (event.type === 'AgentRefused') return { phase: 'refused', reason: event.data.reason };
    if (!isSpawned(state)) return state;
    return applyTo({ ...state, revision: state.revision + 1 }, event, sha256);
  };
}

type LaterEvent = Exclude<CausedEvent, { readonly type: 'AgentSpawned' | 'AgentRefused' }>;

function applyTo(state: SpawnedAgent, event: LaterEvent, sha256: Sha256): SpawnedAgent {
  if (endsAgent(event)) return { ...state, phase: agentEnds[event.type] };
  switch (event.type) {
    case 'ModelCallSettled':
      return modelCallSettled(state, event.data, sha256);
    case 'ToolCallSettled':
      return toolCallSettled(state, event.data, sha256);
    case 'AwaitEnded':
      return awaitEnded(state, event.data, sha256);
    case 'OutputRejected':
      return outputRejected(state, event.data, sha256);
    case 'ConversationCompacted':
      return conversationCompacted(state, event.data, sha256);
    case 'ModelChosen':
      return modelChosen(state, event.data);
    case 'ChildReserved':
      return childReserved(state, event.data);
    case 'ChildEnded':
      return childEnded(state, event.data);
    case 'BoardWritten':
      return { ...state, board: boardWritten(state.board, event.data) };
    case 'LimitsExtended':
      return limitsExtended(state, event.data, event.causationId);
    case 'ChildExtended':
      return childExtended(state, event.data, event.causationId);
    case 'ModelCallStarted':
      return callMoved(withMessagesRead(state, sha256), event);
    case 'ToolCallStarted':
    case 'ToolCallInDoubt':
    case 'AwaitStarted':
    case 'QuestionAsked':
    case 'ToolInputRequired':
    case 'ToolTaskStarted':
      return callMoved(state, event);
    // Its call may ask, or be in doubt, again.
    case 'ToolCallReleased':
    case 'ToolInputGiven':
      return { ...callMoved(state, event), handled: withHandled(state, event) };
    case 'MessageReceived':
      return { ...messageReceived(state, event.data), handled: withHandled(state, event) };
    case 'HistoryShared':
      return historyShared(state, event.data, sha256);
    case 'AgentForked':
      return agentForked(state, event.data, sha256);
    case 'ProgressReported':
    case 'ToolsOffered':
    case 'MessageSent':
    case 'MessageBroadcast':
    case 'RetryStarted':
    case 'ChildRetried':
      return state;
    case 'TopicSubscribed':
    case 'TopicLeft':
      return topicsChanged(state, event);
    default:
      return runMoved(state, event);
  }
}

type CallEvent = Extract<
  LaterEvent,
  {
    readonly type:
      | 'ModelCallStarted'
      | 'ToolCallStarted'
      | 'ToolCallInDoubt'
      | 'ToolCallReleased'
      | 'AwaitStarted'
      | 'QuestionAsked'
      | 'ToolInputRequired'
      | 'ToolInputGiven'
      | 'ToolTaskStarted';
  }
>;

function callMoved(state: SpawnedAgent, event: CallEvent): SpawnedAgent {
  if (event.type === 'ModelCallStarted') {
    const { callId, held, windDown, model, contextTokens: summaryFor } = event.data;
    const isByOther = summaryFor !== undefined && model !== modelOf(state).id;
    return {
      ...state,
      modelCall: {
        ...{ callId, held, windDown },
        ...(summaryFor !== undefined && { summaryFor }),
        ...(isByOther && { isByOther }),
      },
      modelCalls: state.modelCalls + 1,
    };
  }
  if (event.type === 'AwaitStarted') {
    return { ...state, awaits: withEntry(state.awaits, event.data.toolCallId, event.data) };
  }
  const { toolCallId } = event.data;
  const before = state.toolCalls.get(toolCallId);
  if (before === undefined) return state;
  return { ...state, toolCalls: withEntry(state.toolCalls, toolCallId, after(before, event)) };
}

type MovedCall = Exclude<CallEvent, { readonly type: 'ModelCallStarted' | 'AwaitStarted' }>;

function after(before: OpenToolCall, event: MovedCall): OpenToolCall {
  switch (event.type) {
    case 'ToolCallStarted': {
      const { attempt, recovery } = event.data;
      return { ...withoutOpenInput(before), stage: 'started', attempt, recovery };
    }
    case 'ToolCallInDoubt': {
      const { taskId: _over, ...call } = withoutOpenInput(before);
      return { ...call, stage: 'inDoubt' };
    }
    case 'ToolTaskStarted':
      return { ...before, taskId: event.data.taskId };
    case 'ToolCallReleased':
      return { ...before, stage: 'asked' };
    case 'ToolInputRequired':
    case 'ToolInputGiven':
      return inputMoved(before, event);
    case 'QuestionAsked': {
      const { choices, deadlineMs } = event.data;
      return { ...before, stage: 'question', question: { choices, deadlineMs } };
    }
  }
}

type RunEvent = Extract<
  LaterEvent,
  {
    readonly type:
      | 'AgentAdmitted'
      | 'RunStarted'
      | 'RunYielded'
      | 'AgentParked'
      | 'AgentWoken'
      | 'AgentPaused'
      | 'AgentResumed';
  }
>;

function runMoved(state: SpawnedAgent, event: RunEvent): SpawnedAgent {
  switch (event.type) {
    case 'AgentAdmitted':
      return { ...state, phase: 'admitted', dispatchId: state.revision };
    case 'RunStarted':
      return {
        ...state,
        phase: 'running',
        epoch: event.data.epoch,
        startedBy: event.causationId,
        workerId: event.data.workerId,
        rules: event.data.rules,
        runsWithoutStep: state.runsWithoutStep + 1,
      };
    case 'AgentParked':
      return { ...state, phase: 'waiting', runsWithoutStep: 0, wakeAtMs: event.data.untilMs };
    case 'RunYielded':
      return { ...state, phase: 'queued', queuedRevision: state.revision, runsWithoutStep: 0 };
    case 'AgentWoken': {
      const { wakeAtMs: _, ...rest } = state;
      return { ...rest, phase: 'queued', queuedRevision: state.revision };
    }
    case 'AgentPaused':
      return { ...state, paused: true, handled: withHandled(state, event) };
    case 'AgentResumed': {
      // What it was given before the pause is for a turn that is over.
      const queuedRevision = state.phase === 'queued' ? state.revision : state.queuedRevision;
      return { ...state, paused: false, queuedRevision, handled: withHandled(state, event) };
    }
    default:
      return unreachable(event);
  }
}

function withHandled({ handled }: SpawnedAgent, { causationId = '' }: CausedEvent) {
  return new Set(handled).add(causationId);
}
