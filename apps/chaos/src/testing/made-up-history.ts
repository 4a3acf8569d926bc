import type { LoggedCommit, LoggedEvent } from '../log/logged-commit.js';

type Data = Readonly<Record<string, unknown>>;
export type MadeUpEvent = readonly [type: string, data?: Data, epoch?: number, laterMs?: number];

export const TIME_MS = Date.UTC(2026, 0, 1);
const tokens = (count: number) => ({ inputTokens: count, outputTokens: 0 });

/** A log that is written by hand: each append is one commit, placed as the product would place it. */
export class MadeUpLog {
  readonly commits: LoggedCommit[] = [];

  append(agentId: string, ...events: readonly MadeUpEvent[]): this {
    const last = this.commits.findLast((commit) => commit.agentId === agentId);
    const firstRevision = (last?.lastRevision ?? -1) + 1;
    return this.put({
      agentId,
      sequence: this.commits.length + 1,
      id: `commit-${this.commits.length + 1}`,
      firstRevision,
      lastRevision: firstRevision + events.length - 1,
      previous: last?.sequence ?? 0,
      events: events.map(eventOf),
    });
  }

  /** A commit as it is, wherever it says that it stands. */
  put(commit: LoggedCommit): this {
    this.commits.push(commit);
    return this;
  }
}

function eventOf([type, data = {}, epoch = 0, laterMs = 0]: MadeUpEvent): LoggedEvent {
  return { type, data, epoch, timeMs: TIME_MS + laterMs };
}

export function spawned(agentId: string, task: object, more: Data = {}): MadeUpEvent {
  const spec = { task: { description: JSON.stringify(task) } };
  return [
    'AgentSpawned',
    { agentId, spec, tenant: 't', rootId: 'a', limits: { tokens: 1_000 }, ...more },
  ];
}

/** It gets a slot, by the word of the scheduler or as its tree's. */
export const admitted = (slot: object = { kind: 'given' }, laterMs = 0): MadeUpEvent => [
  'AgentAdmitted',
  { slot },
  0,
  laterMs,
];

export const parked: MadeUpEvent = ['AgentParked', {}, 1];

export const runStarted = (epoch: number): MadeUpEvent => ['RunStarted', { epoch }, epoch];

export const modelStarted = (callId: string, held = 100, epoch = 1): MadeUpEvent => [
  'ModelCallStarted',
  { callId, held: tokens(held) },
  epoch,
];

/** An answer that asks for the call of one step, or for none. */
export function modelSettled(
  callId: string,
  asked?: { readonly id: string; readonly step: number },
): MadeUpEvent {
  const call = asked && { id: asked.id, arguments: JSON.stringify({ step: asked.step }) };
  const outcome = { kind: 'answered', toolCalls: call === undefined ? [] : [call] };
  return ['ModelCallSettled', { callId, usage: tokens(10), outcome }, 1];
}

export const toolStarted = (toolCallId: string, attempt = 1): MadeUpEvent => [
  'ToolCallStarted',
  { toolCallId, attempt },
  1,
];

export const toolSettled = (toolCallId: string): MadeUpEvent => [
  'ToolCallSettled',
  { toolCallId },
  1,
];

export const reserved = (childId: string, limit = 100): MadeUpEvent => [
  'ChildReserved',
  { childId, toolCallId: `call of ${childId}`, limits: { tokens: limit } },
  1,
];

export const childExtended = (childId: string, limit: number): MadeUpEvent => [
  'ChildExtended',
  { childId, limits: { tokens: limit } },
];

export const extended = (limit: number): MadeUpEvent => [
  'LimitsExtended',
  { limits: { tokens: limit } },
];

export const childEnded = (childId: string): MadeUpEvent => [
  'ChildEnded',
  { childId, spent: tokens(10) },
  1,
];

export const completed = (output = 'done'): MadeUpEvent => ['AgentCompleted', { output }, 1];
