import {
  subjects,
  toolLoginRequestSchema,
  type ToolLoginAnswer,
  type ToolLoginRequest,
} from '@skynet/contracts';
import type { AuditTrail, MessageBus } from '@skynet/platform';
import type { CurrentRegistry } from '../../registry/registry-source.js';
import type { RemoteEntry } from '../remote-entry.js';
import { LoginRefusedError } from './login-required-error.js';
import { beginLogin, endLogin, forgetLogin } from './person-login.js';
import type { ServerLogins } from './server-logins.js';

const QUEUE = 'agent-runtime';
const MAX_REASON_CHARS = 500;

export interface ToolLoginMeans {
  readonly logins: ServerLogins;
  readonly registry: CurrentRegistry;
  readonly audit: AuditTrail;
}

type Answer = Omit<ToolLoginAnswer, 'worker'>;

/** Logs people in to tool servers, step by step, until the returned function is called. Replicas that share a folder share the steps. */
export function serveToolLogins(
  bus: Pick<MessageBus, 'serve'>,
  means: ToolLoginMeans,
  worker: string,
): () => void {
  return bus.serve(subjects.toolLogins, QUEUE, async ({ data }) => ({
    worker,
    ...(await logInToTools(toolLoginRequestSchema.parse(data), means)),
  }));
}

/** One step; what stands in its way is in the answer. */
export async function logInToTools(
  request: ToolLoginRequest,
  means: ToolLoginMeans,
): Promise<Answer> {
  try {
    const answer = await stepOf(request, means);
    if (request.step !== 'begin') await tell(request, means.audit);
    return answer;
  } catch (error) {
    const refused = means.logins.quiet(reasonsOf(error).join(': ')).slice(0, MAX_REASON_CHARS);
    if (request.step !== 'begin') await tell(request, means.audit, refused);
    return { refused: refused.toWellFormed() };
  }
}

async function stepOf(
  request: ToolLoginRequest,
  { logins, registry }: ToolLoginMeans,
): Promise<Answer> {
  if (request.step === 'forget') return { wasLoggedIn: await forgetLogin(request.server, logins) };
  const server = { name: request.server, entry: entryOf(request.server, registry) };
  if (request.step === 'begin') return beginLogin(server, request.redirectUrl, logins);
  const { issuer, tokens } = await endLogin(server, request.brought, logins);
  return { issuer, scope: tokens?.scope };
}

function entryOf(server: string, { current }: CurrentRegistry): RemoteEntry {
  const { servers, refused } = current;
  const entry = Object.hasOwn(servers, server) ? servers[server] : undefined;
  if (entry?.transport === 'stdio') {
    throw new LoginRefusedError(`${server} is a program; people log in to servers over HTTP`);
  }
  if (entry !== undefined) return entry;
  const why = refused[`servers.${server}`];
  throw new LoginRefusedError(
    why === undefined
      ? `there is no tool server ${server}`
      : `${server} is left out of the registry: ${why}`,
  );
}

function tell(
  { server, by, step }: ToolLoginRequest,
  audit: AuditTrail,
  reason?: string,
): Promise<void> {
  return audit.record({
    act: 'tool-login',
    principal: by === undefined ? 'operator' : `operator:${by}`,
    target: { kind: 'server', id: server.slice(0, 200) },
    details: { step },
    ...(reason === undefined ? { outcome: 'allowed' } : { outcome: 'failed', reason }),
  });
}

function reasonsOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const cause = error.cause === undefined ? [] : reasonsOf(error.cause);
  return [error.message, ...cause].filter((text) => text !== '');
}
