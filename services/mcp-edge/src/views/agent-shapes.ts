import type { AgentRow, StatusShape } from '@skynet/contracts';
import type { FoundAgent } from './agent-reader.js';

export type ChildShape = StatusShape['children'][number];

type Question = NonNullable<NonNullable<AgentRow['waitingFor']>['questions']>[number];

// Latest date that JavaScript can write.
const LAST_DATE_MS = 8.64e15;

export function statusOf(
  { row, asOfMs }: FoundAgent,
  children: readonly AgentRow[],
  nowMs: number,
): StatusShape {
  const { agentId, rootId, parentId, status, progress, depth, model, task, waitingFor } = row;
  const { deadlineMs, ...limits } = row.limits;
  return {
    agentId,
    rootId,
    ...(parentId !== undefined && { parentId }),
    ...(row.retryOf !== undefined && { retryOf: row.retryOf }),
    status,
    ...(progress !== undefined && { progress }),
    depth,
    ...templateOf(row),
    model,
    ...(row.modelChoice !== undefined && { modelChoice: row.modelChoice }),
    task,
    ...stepOf(row),
    ...(waitingFor !== undefined && { waitingFor: waitOf(waitingFor) }),
    ...(row.attachments !== undefined && { attachments: row.attachments }),
    ...toolsLeftOut(row),
    ...(row.unread !== undefined && { unreadMessages: row.unread }),
    spent: usageOf(row),
    limits: { ...limits, deadline: dateOf(deadlineMs) },
    children: childrenOf(children),
    runningTimeMs: runningTimeMs(row, asOfMs ?? nowMs),
    updatedAt: dateOf(row.updatedAtMs),
    ...asOf(asOfMs),
  };
}

function templateOf({ template, templateVersion }: AgentRow): Pick<StatusShape, 'template'> {
  if (template === undefined) return {};
  const version = templateVersion === undefined ? {} : { version: templateVersion };
  return { template: { name: template, ...version } };
}

function waitOf({ untilMs, questions, ...wait }: NonNullable<AgentRow['waitingFor']>) {
  return {
    ...wait,
    ...(questions !== undefined && { questions: questions.map(questionOf) }),
    ...(untilMs !== undefined && { until: dateOf(untilMs) }),
  };
}

function questionOf({ deadlineMs, ...asked }: Question) {
  return deadlineMs === undefined ? asked : { ...asked, until: dateOf(deadlineMs) };
}

/** What is held shows why: it has no end, and does not go on by itself. */
function stepOf({ setAside, step }: AgentRow): { readonly step?: string } {
  if (setAside?.isNewer === true) return { step: `held: ${setAside.reason}` };
  return step === undefined ? {} : { step };
}

/** Says that a store did not answer, and how old the answer is. */
export function asOf(asOfMs: number | undefined): { readonly asOf?: string } {
  return asOfMs === undefined ? {} : { asOf: dateOf(asOfMs) };
}

export function toolsLeftOut({ toolsLeftOut }: AgentRow): Pick<StatusShape, 'toolsLeftOut'> {
  return toolsLeftOut === undefined ? {} : { toolsLeftOut };
}

export function usageOf({ spent }: AgentRow): StatusShape['spent'] {
  const { inputTokens, outputTokens, costMicroUsd } = spent;
  return { inputTokens, outputTokens, costMicroUsd };
}

export function childrenOf(rows: readonly AgentRow[]): ChildShape[] {
  return rows.map(({ agentId, status, task }) => ({ agentId, status, task }));
}

export function dateOf(timeMs: number): string {
  return new Date(Math.min(timeMs, LAST_DATE_MS)).toISOString();
}

function runningTimeMs({ ranMs, runningSinceMs }: AgentRow, nowMs: number): number {
  return ranMs + (runningSinceMs === undefined ? 0 : Math.max(0, nowMs - runningSinceMs));
}
