import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buckets, revocationKeys, type Revocation } from '@skynet/contracts';
import { MemoryStateStores } from '@skynet/platform';
import { eventually } from '@skynet/testing';
import { agentRow } from './testing/agent-rows.js';
import { startEdge, type RunningEdge } from './testing/running-edge.js';
import { startTestIssuer, type TestIssuer } from './testing/test-issuer.js';

const CLAIMS = { jti: 't1', grant: 'g1', revision: 4 };

let issuer: TestIssuer;
let stores: MemoryStateStores;
let edges: RunningEdge[];
let token: string;

/** Two replicas, both of which have just verified the token. */
beforeEach(async () => {
  issuer = await startTestIssuer();
  stores = new MemoryStateStores();
  edges = [];
  await Promise.all([start(stores), start(stores)]);
  token = await issuer.token('operator', { claims: CLAIMS });
  expect(await statuses()).toEqual([200, 200]);
});
afterEach(async () => {
  await Promise.all(edges.map(({ application }) => application.close()));
  await issuer.stop();
});

async function start(over: MemoryStateStores): Promise<RunningEdge> {
  const edge = await startEdge(issuer.jwksUrl, {}, { stores: over });
  edges.push(edge);
  return edge;
}

function call({ url }: RunningEdge, name: string, args: object = {}): Promise<Response> {
  const params = { name, arguments: args };
  return fetch(`${url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  });
}

async function statuses(): Promise<number[]> {
  const answers = await Promise.all(edges.map((edge) => call(edge, 'list_agents')));
  await Promise.all(answers.map((answer) => answer.text()));
  return answers.map(({ status }) => status);
}

/** As auth does. */
async function revoke(key: string, changes: Partial<Revocation> = {}): Promise<void> {
  const bucket = await stores.open<Revocation>(buckets.revocations.bucket, buckets.revocations);
  await bucket.put(key, { atMs: Date.now(), ...changes });
}

describe('a token that an edge has verified a moment ago', () => {
  it.each([
    ['it is revoked', revocationKeys.token('t1'), {}],
    ['its login is given back', revocationKeys.grant('g1'), {}],
    [
      'its owner is disabled, removed or loses a role',
      revocationKeys.principal('alice'),
      { revision: 5 },
    ],
  ])('is refused by every replica once %s', async (_what, key, changes) => {
    await revoke(key, changes);
    await eventually(async () => expect(await statuses()).toEqual([401, 401]));
    const [first] = edges;
    const answer = await call(first as RunningEdge, 'list_agents');
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(await answer.json()).toMatchObject({ message: 'the token was revoked' });
  });

  it('holds when something else is revoked', async () => {
    await revoke(revocationKeys.token('t2'));
    await revoke(revocationKeys.principal('bob'), { revision: 9 });
    await setImmediate();
    expect(await statuses()).toEqual([200, 200]);
  });

  it('is refused by an edge that starts later', async () => {
    await revoke(revocationKeys.grant('g1'));
    expect((await call(await start(stores), 'list_agents')).status).toBe(401);
  });

  it('ends the calls that wait under it', async () => {
    const [edge] = edges as [RunningEdge];
    await edge.project(agentRow('a'));
    const { agentId } = agentRow('a');
    const waiting = call(edge, 'wait_agent', { agentId, timeoutSeconds: 20 });
    const ended = expect(waiting.then((answer) => answer.text())).rejects.toThrow();
    await eventually(() => expect(edge.openCalls()).toBe(1));
    await revoke(revocationKeys.token('t1'));
    await ended;
  });
});

describe('what is written to the feed but can not be read', () => {
  it('is said and left out, and the rest holds', async () => {
    const bucket = await stores.open<unknown>(buckets.revocations.bucket, buckets.revocations);
    await bucket.put(revocationKeys.token('t1'), { atMs: 'soon' });
    await setImmediate();
    expect(await statuses()).toEqual([200, 200]);
    expect(edges[0]?.logged.join()).toContain('revocation not read');
    await revoke(revocationKeys.grant('g1'));
    await eventually(async () => expect(await statuses()).toEqual([401, 401]));
  });
});

describe('an edge that can not read the feed', () => {
  it('serves, says so, and reads it as soon as it can', async () => {
    const broken = new MemoryStateStores();
    let isAway = true;
    const open = broken.open.bind(broken);
    broken.open = (bucket, options) =>
      isAway && bucket === buckets.revocations.bucket
        ? Promise.reject(new Error('away'))
        : open(bucket, options);
    const edge = await start(broken);
    expect((await call(edge, 'list_agents')).status).toBe(200);
    expect(edge.notices()).toEqual([expect.stringContaining('revoked tokens are taken')]);
    isAway = false;
    const bucket = await open<Revocation>(buckets.revocations.bucket);
    await bucket.put(revocationKeys.token('t1'), { atMs: Date.now() });
    await eventually(async () => expect((await call(edge, 'list_agents')).status).toBe(401));
    expect(edge.notices()).toEqual([]);
  });
});
