import {
  auditAnswerSchemas,
  listAuditTool,
  rejection,
  subjects,
  type AuditRecord,
  type AuditRequest,
} from '@skynet/contracts';
import type { Clock, MessageBus } from '@skynet/platform';
import { dateOf } from '../views/agent-shapes.js';
import { PatientRequests } from '../views/patient-requests.js';
import { edgeTool, no, yes, type EdgeTool } from './edge-tool.js';

/** auth may look through some thousand records. */
const ANSWER_WITHIN_MS = 5_000;
const CURSOR = /^\d{1,9}\.\d{1,9}$/;

export function listAudit(bus: MessageBus, clock: Clock): EdgeTool {
  const requests = new PatientRequests(bus, clock);
  return edgeTool(listAuditTool, async ({ since, until, ...input }, { principal }) => {
    if (input.cursor !== undefined && !CURSOR.test(input.cursor)) {
      return no(rejection('INVALID_ARGUMENTS', 'cursor: not one of list_audit'));
    }
    const request: AuditRequest<'list'> = {
      ...input,
      tenant: principal.tenant,
      ...(since !== undefined && { sinceMs: Date.parse(since) }),
      ...(until !== undefined && { untilMs: Date.parse(until) }),
    };
    const answer = await requests.make(ANSWER_WITHIN_MS, (timeoutMs) =>
      bus.request(subjects.auditQuery('list'), request, { timeoutMs }),
    );
    const { records, cursor } = auditAnswerSchemas.list.parse(answer);
    return yes({
      records: records.map(listed),
      ...(cursor !== undefined && { nextCursor: cursor }),
    });
  });
}

function listed({ seq, entry }: AuditRecord) {
  // Of the asker's tenant all of them are.
  const { id: _id, timeMs, tenant: _tenant, ...rest } = entry;
  return { seq, time: dateOf(timeMs), ...rest };
}
