import type { AgentEventData, AgentRow } from '@skynet/contracts';

export function awaiting(
  row: AgentRow,
  kind: 'children' | 'input' | 'message',
  ids: readonly string[],
): AgentRow {
  const before = row.waitingFor?.kind === kind ? row.waitingFor : undefined;
  const questions = row.waitingFor?.questions;
  const kept = { ...before, ...(questions !== undefined && { questions }) };
  return { ...row, waitingFor: { ...kept, kind, ids: [...(before?.ids ?? []), ...ids] } };
}

export function inDoubt(row: AgentRow, doubt: AgentEventData<'ToolCallInDoubt'>): AgentRow {
  const { waitingFor } = row;
  if (waitingFor === undefined) return row;
  return { ...row, waitingFor: { ...waitingFor, inDoubt: [...(waitingFor.inDoubt ?? []), doubt] } };
}

export function asking(row: AgentRow, asked: AgentEventData<'QuestionAsked'>): AgentRow {
  const { waitingFor } = row;
  if (waitingFor === undefined) return row;
  return {
    ...row,
    waitingFor: { ...waitingFor, questions: [...(waitingFor.questions ?? []), asked] },
  };
}

/** Questions go as they are answered; doubts with the wait. */
export function answered(row: AgentRow, toolCallId: string): AgentRow {
  const { waitingFor } = row;
  const { questions = [] } = waitingFor ?? {};
  const open = questions.filter((asked) => asked.toolCallId !== toolCallId);
  if (waitingFor === undefined || open.length === questions.length) return row;
  const { questions: _answered, ...rest } = waitingFor;
  const ids = waitingFor.ids.filter((id) => id !== toolCallId);
  return {
    ...row,
    waitingFor: { ...rest, ids, ...(open.length > 0 && { questions: open }) },
  };
}

/** Of an agent that was running meanwhile nothing else says that the wait is over. */
export function withoutEmptyWait(row: AgentRow): AgentRow {
  const { kind, ids = [] } = row.waitingFor ?? {};
  return kind === 'input' && ids.length === 0 ? { ...row, waitingFor: undefined } : row;
}

/** What it waits for, and with a wait for children the questions beside it. */
export function idsOf(
  { waitingFor }: AgentRow,
  { waitingFor: kind }: AgentEventData<'AgentParked'>,
): string[] {
  const { ids = [], questions = [], inDoubt = [] } = waitingFor ?? {};
  if (kind !== 'input' || questions.length === 0) return ids;
  return [...inDoubt, ...questions].map(({ toolCallId }) => toolCallId);
}
