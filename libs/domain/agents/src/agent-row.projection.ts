import {
  isEnd,
  type AgentEvent,
  type AgentEventData,
  type AgentEventType,
  type AgentRow,
  type AgentStatus,
  type Text,
} from '@skynet/contracts';
import type { Projection } from '@skynet/kernel';
import { withAttachments } from './attachments-of-row.js';
import { awaiting, inDoubt, asking, answered, withoutEmptyWait, idsOf } from './waits-of-row.js';
import { isForMessage } from './agent/agent-state.js';
import { NOTHING_SPENT, plusChild, plusUsage } from './agent/spent.js';
import {
  modelCallSettled,
  modelCallStarted,
  nameOfCall,
  NO_CALLS,
  toolCallSettled,
  toolCallStarted,
} from './usage/calls-of-row.js';
import { templateOf } from './template-of-row.js';

/** An agent event as the log delivers it. */
export type RecordedAgentEvent = AgentEvent & {
  readonly revision: number;
  readonly timeMs: number;
};

const TASK_CHARS = 200;

/** Folds the stream of one agent into its row; an event that the row already holds changes nothing. */
export const agentRowProjection: Projection<RecordedAgentEvent, AgentRow> = {
  initialView: undefined,
  evolve(row, event) {
    if (row === undefined) return event.type === 'AgentSpawned' ? firstRow(event) : undefined;
    if (event.revision <= row.revision) return row;
    const stamped = { ...row, updatedAtMs: event.timeMs, revision: event.revision };
    return changed(stamped, event);
  },
};

function firstRow(event: Extract<RecordedAgentEvent, { type: 'AgentSpawned' }>): AgentRow {
  const { spec, limits, agentId, rootId, tenant, principal, parentId, depth } = event.data;
  return {
    agentId,
    rootId,
    parentId,
    tenant,
    principal,
    depth,
    status: 'queued',
    model: spec.model.id,
    ...templateOf(spec),
    task: shortText(spec.task.description),
    ...(spec.outputSchema !== undefined && { answersInJson: true }),
    ...withAttachments({}, spec.attachments),
    spent: NOTHING_SPENT,
    ...NO_CALLS,
    limits,
    childIds: [],
    spawnedAtMs: event.timeMs,
    ranMs: 0,
    updatedAtMs: event.timeMs,
    revision: event.revision,
  };
}

function shortText(text: Text): string {
  if (typeof text !== 'string') return `(${text.bytes} bytes)`;
  return text.length <= TASK_CHARS ? text : `${text.slice(0, TASK_CHARS - 1)}…`;
}

type Change<Type extends AgentEventType> = (
  row: AgentRow,
  event: Extract<RecordedAgentEvent, { readonly type: Type }>,
) => AgentRow;

const changes: { readonly [Type in AgentEventType]?: Change<Type> } = {
  RunStarted: (row, { timeMs }) => ({
    ...moved(row, 'running'),
    runningSinceMs: row.runningSinceMs ?? timeMs,
    waitingFor: undefined,
    toolsLeftOut: undefined,
  }),
  ToolsOffered: (row, { data }) => ({
    ...row,
    toolsLeftOut: data.leftOut.length === 0 ? undefined : data.leftOut,
  }),
  ModelChosen: (row, { data }) => ({ ...row, model: data.model.id, modelChoice: choiceOf(data) }),
  RunYielded: (row, { timeMs }) => ({ ...ranUntil(row, timeMs), ...moved(row, 'queued') }),
  AgentParked: (row, { timeMs, data }) => ({
    ...ranUntil(row, timeMs),
    ...moved(row, 'waiting'),
    waitingFor: {
      ...row.waitingFor,
      kind: data.waitingFor,
      ids: idsOf(row, data),
      ...(data.untilMs !== undefined && { untilMs: data.untilMs }),
    },
  }),
  AgentWoken: (row) => ({ ...moved(row, 'queued'), waitingFor: undefined }),
  AgentPaused: (row) => ({ ...row, status: 'paused', resumesAs: activeStatus(row) }),
  AgentResumed: (row) => ({ ...row, status: activeStatus(row), resumesAs: undefined }),
  ModelCallStarted: (row, { timeMs, data }) => ({
    ...row,
    ...modelCallStarted(data, timeMs),
    step: 'model',
    unread: undefined,
  }),
  MessageReceived: (row) => ({ ...row, unread: (row.unread ?? 0) + 1 }),
  ModelCallSettled: (row, { timeMs, data }) => ({
    ...row,
    ...modelCallSettled(row, data, timeMs),
    step: undefined,
    spent: plusUsage(row.spent, data.usage),
  }),
  ToolCallStarted: (row, { timeMs, data }) => ({
    ...withoutEmptyWait(answered(row, data.toolCallId)),
    ...toolCallStarted(row, data.toolCallId, timeMs),
    step: `tool ${nameOfCall(row, data.toolCallId)}`,
  }),
  ToolCallSettled: (row, { timeMs, data }) => ({
    ...withoutEmptyWait(answered(row, data.toolCallId)),
    ...toolCallSettled(row, data, timeMs),
    ...withAttachments(row, data.attachments),
  }),
  ToolCallInDoubt: (row, { data }) =>
    inDoubt(awaiting(answered(row, data.toolCallId), 'input', [data.toolCallId]), data),
  QuestionAsked: (row, { data }) =>
    isEnd(row.status) ? row : asking(awaiting(row, 'input', [data.toolCallId]), data),
  ToolInputGiven: (row, { data }) => withoutEmptyWait(answered(row, data.toolCallId)),
  AwaitStarted: (row, { data }) =>
    awaiting(row, isForMessage(data) ? 'message' : 'children', data.childIds),
  AwaitEnded: (row) =>
    row.waitingFor?.kind === 'children' || row.waitingFor?.kind === 'message'
      ? { ...row, waitingFor: undefined }
      : row,
  ProgressReported: (row, { data }) => ({ ...row, progress: data }),
  AgentForked: (row, { data }) => ({
    ...row,
    forkedFrom: data.from,
    unread: unreadAfter(row, data),
  }),
  RetryStarted: (row, { data }) => ({ ...row, retryOf: data.retryOf }),
  ChildReserved: (row, { data }) => ({ ...row, childIds: [...row.childIds, data.childId] }),
  LimitsExtended: (row, { data }) => ({ ...row, limits: data.limits }),
  ChildEnded: (row, { data }) => ({
    ...row,
    spent: plusChild(row.spent, data.spent),
  }),
  AgentCompleted: (row, { timeMs, data }) => ended(row, timeMs, 'completed', data),
  AgentFailed: (row, { timeMs, data }) => ended(row, timeMs, 'failed', data),
  AgentTerminated: (row, { timeMs, data }) =>
    ended(row, timeMs, 'terminated', {
      partial: data.partial,
      failure: { reason: 'TERMINATED', message: data.reason, retryable: false },
    }),
  AgentExpired: (row, { timeMs, data }) =>
    ended(row, timeMs, 'expired', {
      ...data,
      failure: { reason: 'DEADLINE_PASSED', message: 'The time limit was over.', retryable: true },
    }),
  AgentExhausted: (row, { timeMs, data }) =>
    ended(row, timeMs, 'exhausted', {
      partial: data.partial,
      failure: {
        reason: 'BUDGET_EXHAUSTED',
        message: `limits.${data.limit} is used up.`,
        retryable: true,
      },
    }),
};

function choiceOf(data: AgentEventData<'ModelChosen'>): AgentRow['modelChoice'] {
  const { from, reasons, refused, estimate } = data;
  return { ...(from !== undefined && { from }), reasons, refused, estimate };
}

function unreadAfter(
  { unread = 0 }: AgentRow,
  { message, unread: shared = [] }: AgentEventData<'AgentForked'>,
): number | undefined {
  const isBehind = shared.length > 0 && message !== undefined;
  const messages = unread + shared.length + (isBehind ? 1 : 0);
  return messages === 0 ? undefined : messages;
}

function changed(row: AgentRow, event: RecordedAgentEvent): AgentRow {
  const change = changes[event.type] as
    ((row: AgentRow, event: RecordedAgentEvent) => AgentRow) | undefined;
  return change === undefined ? row : change(row, event);
}

/** The status behind `paused`. */
function activeStatus(row: AgentRow): AgentStatus {
  return row.resumesAs ?? row.status;
}

function moved(row: AgentRow, status: 'queued' | 'running' | 'waiting'): AgentRow {
  if (row.status === 'paused') return { ...row, resumesAs: status, step: undefined };
  return { ...row, status, step: undefined };
}

function ranUntil(row: AgentRow, timeMs: number): AgentRow {
  if (row.runningSinceMs === undefined) return row;
  return { ...row, ranMs: row.ranMs + timeMs - row.runningSinceMs, runningSinceMs: undefined };
}

/** The row of an agent that has just ended, unless it had before. */
export function ended(
  row: AgentRow,
  timeMs: number,
  status: AgentStatus,
  result: Partial<Pick<AgentRow, 'output' | 'partial' | 'failure'>>,
): AgentRow {
  if (isEnd(row.status)) return row;
  const stopped = ranUntil(row, timeMs);
  return {
    ...stopped,
    ...result,
    status,
    resumesAs: undefined,
    waitingFor: undefined,
    step: undefined,
    endedAtMs: timeMs,
  };
}
