import {
  auditAnswerSchemas,
  auditRequestSchemas,
  subjects,
  type AuditAnswer,
  type AuditQuery,
  type AuditRequest,
} from '@skynet/contracts';
import { readConnection } from '../connection/connection.js';
import { connectOperator } from '../connection/operator-link.js';
import { Trouble } from '../ending/trouble.js';

/** Asks auth about the audit trail of all tenants, as an operator. */
export interface OperatorAudit {
  ask<Q extends AuditQuery>(query: Q, request: AuditRequest<Q>): Promise<AuditAnswer<Q>>;
}

/** A part of the trail is read from its start. */
const LONGEST_MS = 60_000;

/** Connects, does the work and disconnects. */
export async function asOperator<Result>(
  dataFolder: string,
  work: (audit: OperatorAudit) => Promise<Result>,
): Promise<Result> {
  const connection = await readConnection(dataFolder);
  const platform = {
    ...(await import('@skynet/platform')),
    ...(await import('@skynet/platform/nats')),
  };
  try {
    const operator = await connectOperator(connection);
    try {
      const bus = new platform.NatsMessageBus(
        operator.link,
        operator.publisher,
        platform.silentLogger,
      );
      return await work({
        async ask(query, request) {
          const asked = auditRequestSchemas[query].parse(request);
          const subject = subjects.auditQuery(query);
          const answer = await bus.request(subject, asked, { timeoutMs: LONGEST_MS });
          return auditAnswerSchemas[query].parse(answer) as AuditAnswer<typeof query>;
        },
      });
    } finally {
      await operator.close();
    }
  } catch (error) {
    if (!(error instanceof platform.WorldError)) throw error;
    const next = 'Does auth run? It is safe to try again.';
    throw new Trouble(`The audit trail can't be read: ${error.message}.`, { next, cause: error });
  }
}

/** The whole trail, signed as it is now. */
export interface ExportedTrail {
  readonly records: number;
  /** Of an export. To be iterated once. */
  readonly lines: AsyncIterable<string>;
}

/** Undefined when nothing is recorded. */
export async function exportedTrail(audit: OperatorAudit): Promise<ExportedTrail | undefined> {
  const { seq, jws: head } = await audit.ask('head', {});
  if (seq === undefined || head === undefined) return undefined;
  return { records: seq + 1, lines: linesUpTo(seq, head, audit) };
}

async function* linesUpTo(
  seq: number,
  head: string,
  audit: OperatorAudit,
): AsyncGenerator<string, void, undefined> {
  yield JSON.stringify({ format: 'skynet-audit', version: 1, from: 0, head });
  let cursor: string | undefined;
  do {
    const page = await audit.ask('page', { from: 0, cursor });
    for (const line of page.lines) {
      // What came since then is not vouched for.
      const at = 'record' in line ? line.record.seq : line.checkpoint.seq;
      if (at <= seq) yield JSON.stringify(line);
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
}
