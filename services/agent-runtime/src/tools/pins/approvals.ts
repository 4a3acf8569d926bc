import {
  subjects,
  toolApprovalRequestSchema,
  type ApprovedTool,
  type ToolApprovalAnswer,
  type ToolApprovalRequest,
} from '@skynet/contracts';
import type { Act, AuditTrail, Clock, Logger, MessageBus } from '@skynet/platform';
import type { CurrentRegistry } from '../../registry/registry-source.js';
import { definitionChanges } from './definition-changes.js';
import type { PinBook } from './pin-book.js';
import { approve, waitingIn, type Pins } from './pins.js';

/** Of all tools together: an answer must fit into one message. */
const MAX_LINES = 500;
const QUEUE = 'agent-runtime';

export interface ApprovalMeans {
  readonly pins: PinBook;
  readonly registry: CurrentRegistry;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info'>;
  readonly audit: AuditTrail;
}

type Answer = Omit<ToolApprovalAnswer, 'worker'>;

/** Approves changed definitions on the word of operators, until the returned function is called. */
export function serveApprovals(
  bus: Pick<MessageBus, 'serve'>,
  means: ApprovalMeans,
  worker: string,
): () => void {
  return bus.serve(subjects.approveTools, QUEUE, async ({ data }) => ({
    worker,
    ...(await approveTools(toolApprovalRequestSchema.parse(data), means)),
  }));
}

/**
 * Pins what waits of a server, and says what of it is other than before: exactly that is offered from then on.
 *
 * @throws WorldError when the pins can't be read or written
 */
export async function approveTools(
  request: ToolApprovalRequest,
  means: ApprovalMeans,
): Promise<Answer> {
  const answer = await decided(request, means);
  const { refused: reason } = answer;
  if (reason !== undefined && !request.dryRun) {
    await tell(request, means.audit, { outcome: 'refused', reason });
  }
  return answer;
}

async function decided(
  request: ToolApprovalRequest,
  { pins: book, registry, clock, log, audit }: ApprovalMeans,
): Promise<Answer> {
  const { server, dryRun } = request;
  const fault = faultOfServer(server, registry);
  if (fault !== undefined) return { refused: fault, approved: [] };
  let answer = answerTo(request, await book.newest(server));
  if (dryRun || answer.refused !== undefined) return answer;
  const details = { tools: answer.approved.map(({ tool }) => tool).join(', ') };
  const told = tell(request, audit, { outcome: 'allowed', details });
  await book.update(server, (pins) => {
    answer = answerTo(request, pins);
    const tools = answer.approved.map(({ tool }) => tool);
    return tools.length === 0 ? pins : approve(pins, tools, clock.nowMs());
  });
  const tools = answer.approved.map(({ tool }) => tool);
  await told;
  log.info('definitions of tools were approved', { server, tools });
  return answer;
}

function tell(
  { server, by }: ToolApprovalRequest,
  audit: AuditTrail,
  what: Pick<Act, 'outcome' | 'reason' | 'details'>,
): Promise<void> {
  const principal = by === undefined ? 'operator' : `operator:${by}`;
  const target = { kind: 'server', id: server } as const;
  return audit.record({ act: 'approve-tools', principal, target, ...what });
}

function faultOfServer(server: string, { current }: CurrentRegistry): string | undefined {
  const { servers, refused } = current;
  const entry = Object.hasOwn(servers, server) ? servers[server] : undefined;
  if (entry?.trusted === true) return `${server} is trusted: nothing of it has to be approved.`;
  if (entry !== undefined) return undefined;
  const why = refused[`servers.${server}`];
  return why === undefined
    ? `There is no tool server ${server}.`
    : `${server} is left out of the registry: ${why}.`;
}

function answerTo({ server, tools }: ToolApprovalRequest, pins: Pins): Answer {
  const waiting = waitingIn(pins);
  const unknown = tools.filter((tool) => !waiting.includes(tool));
  if (unknown.length > 0) {
    const refused = `Of ${server} these do not wait for approval: ${unknown.join(', ')}.`;
    return { refused, approved: [] };
  }
  if (waiting.length === 0)
    return { refused: `Nothing of ${server} waits for approval.`, approved: [] };
  const chosen = waiting.filter((tool) => tools.length === 0 || tools.includes(tool));
  return { approved: withinLines(chosen.flatMap((tool) => waitingTool(tool, pins))) };
}

function waitingTool(tool: string, pins: Pins): ApprovedTool[] {
  const { pinned, waiting } = pins.get(tool) ?? {};
  if (waiting === undefined) return [];
  const kind = pinned === undefined ? 'new' : 'changed';
  return [{ tool, kind, sinceMs: waiting.sinceMs, changes: definitionChanges(pinned, waiting) }];
}

function withinLines(tools: readonly ApprovedTool[]): ApprovedTool[] {
  let left = MAX_LINES;
  return tools.map((tool) => {
    const changes = tool.changes.slice(0, left);
    left -= changes.length;
    const isCut = changes.length < tool.changes.length;
    return { ...tool, changes: isCut ? [...changes, '… name the tool to see all'] : changes };
  });
}
