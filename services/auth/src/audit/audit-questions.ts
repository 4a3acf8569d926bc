import {
  auditRequestSchemas,
  subjects,
  type AuditAnswer,
  type AuditQuery,
  type AuditRequest,
} from '@skynet/contracts';
import type { MessageBus } from '@skynet/platform';
import type { AuditRecorder } from './audit-recorder.js';
import type { AuditSearch } from './audit-search.js';
import type { AuditSigner } from './audit-signer.js';

export interface AuditSources {
  readonly search: AuditSearch;
  readonly recorder: AuditRecorder;
  readonly signer: AuditSigner;
}

type Answers = {
  readonly [Q in AuditQuery]: (request: AuditRequest<Q>) => Promise<AuditAnswer<Q>>;
};

const QUEUE = 'auth';

/** Answers questions about the audit trail. Returns a stop function. */
export function serveAudit(
  bus: Pick<MessageBus, 'serve'>,
  { search, recorder, signer }: AuditSources,
): () => void {
  const answers: Answers = {
    list: (request) => search.find(request),
    search: (request) => search.find(request),
    page: (request) => search.page(request),
    head: async () => (await recorder.signNow()) ?? {},
    keys: async () => ({ keys: [...(await signer.publicKeys()).keys] }),
  };
  const stops = (Object.keys(answers) as AuditQuery[]).map((query) =>
    bus.serve(subjects.auditQuery(query), QUEUE, ({ data }) => answer(answers, query, data)),
  );
  return () => stops.forEach((stop) => stop());
}

function answer<Q extends AuditQuery>(answers: Answers, query: Q, data: unknown): Promise<unknown> {
  const request = auditRequestSchemas[query].parse(data) as AuditRequest<Q>;
  return answers[query](request);
}
