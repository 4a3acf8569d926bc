import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { agentIdOf, type CommandEnvelope, type CommandReply } from '@skynet/contracts';
import { agentRow } from './testing/agent-rows.js';
import { messagesOf, post, toolCall } from './testing/guarded-edge.js';
import { startEdge, type RunningEdge } from './testing/running-edge.js';
import { accepted } from './testing/scripted-owner.js';
import { startTestIssuer, type TestIssuer } from './testing/test-issuer.js';

let issuer: TestIssuer;
let edges: readonly RunningEdge[];
/** Ids of the agents that were made. */
let made: Set<string>;

beforeEach(async () => {
  issuer = await startTestIssuer();
  edges = [await startEdge(issuer.jwksUrl), await startEdge(issuer.jwksUrl)];
  made = new Set();
  for (const { owner } of edges) owner.answer = answer;
});
afterEach(async () => {
  await Promise.all(edges.map(({ application }) => application.close()));
  await issuer.stop();
});

/** As the owner does: the agent of an id is made once. */
function answer(command: CommandEnvelope): CommandReply {
  const { agentId = '' } = command.data as { agentId?: string };
  if (made.has(agentId)) return { ...accepted(command), position: undefined };
  made.add(agentId);
  const row = agentRow('made', { agentId: agentIdOf(agentId), spawnedAtMs: Date.now() });
  for (const { owner } of edges) owner.rows.push(row);
  return accepted(command);
}

interface Sent {
  readonly id?: string;
  readonly edge?: number;
  readonly description?: string;
  readonly meta?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly subject?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** `id` as it stands in the message. */
async function spawn(sent: Sent = {}) {
  const { id = '1', edge = 0, description = 'once', meta = {}, headers, subject } = sent;
  const claims = { jti: 'token-1', ...sent.claims };
  const token = await issuer.token('operator', { subject, claims });
  const body = toolCall('spawn_agent', { task: { description } }, { id, meta });
  const [message = ''] = await messagesOf(
    await post(edges[edge]?.url ?? '', { body, token, headers }),
  );
  const { result } = JSON.parse(message) as {
    result: { structuredContent: { agentId: string; repeated?: true } };
  };
  return result.structuredContent;
}

const login = (jti: string) => ({ claims: { grant: 'login-1', jti } });
const wide = { id: '1795900711454000001' };

describe('a spawn whose message is sent again', () => {
  it.each<[string, Sent, Sent]>([
    ['as it was', {}, {}],
    ['with an id beyond 2^53', wide, wide],
    ['with a renewed token', login('1'), login('2')],
  ])('gives the same agent at another edge, and says so: %s', async (_how, first, second) => {
    const { agentId, repeated } = await spawn(first);
    expect(repeated).toBeUndefined();
    expect(await spawn({ ...second, edge: 1 })).toMatchObject({ agentId, repeated: true });
    expect(await spawn(first)).toMatchObject({ agentId, repeated: true });
    expect(made.size).toBe(1);
  });

  it('at the same moment is one agent too, and one of the answers made it', async () => {
    const answers = await Promise.all([0, 1, 0, 1].map((edge) => spawn({ edge })));
    expect(new Set(answers.map(({ agentId }) => agentId)).size).toBe(1);
    expect(answers.filter(({ repeated }) => repeated === undefined)).toHaveLength(1);
  });
});

describe('a spawn that is told from another one', () => {
  it.each<[string, Sent]>([
    ['its id', { id: '2' }],
    ['an id of another type', { id: '"1"' }],
    ['its arguments', { description: 'twice' }],
    ['its caller', { subject: 'bob' }],
    ['the token', { claims: { jti: 'token-2' } }],
    ['the login', { claims: { grant: 'login-2' } }],
    ['the session of another issuer', { claims: { sid: 'session-2' } }],
    ['the client', { claims: { client_id: 'ci' } }],
    ['a progress token', { meta: { progressToken: 'p' } }],
    ['a trace', { meta: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` } }],
    ['a session of MCP', { headers: { 'mcp-session-id': 's' } }],
    ['the name of the program', { headers: { 'user-agent': 'other/1' } }],
  ])('by %s is another agent', async (_what, other) => {
    const { agentId } = await spawn();
    const second = await spawn(other);
    expect(second.agentId).not.toBe(agentId);
    expect(second.repeated).toBeUndefined();
  });
});
