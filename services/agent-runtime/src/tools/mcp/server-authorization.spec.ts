import type { ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@skynet/platform';
import { RemoteToolHost } from '@skynet/tool-host';
import type { ServerEntry } from '../../registry/registry.config.js';
import {
  guardToolServer,
  type GuardedToolServer,
} from '../../testing/authorization/guarded-tool-server.js';
import { aServer } from '../../testing/registries.js';
import { startToolProgram } from '../../testing/tool-programs.js';
import { McpToolServer } from './mcp-tool-server.adapter.js';

const never = new AbortController().signal;
const SECRET = { clientSecret: 'of the runtime' };

let open: string;
let child: ChildProcess;
let guarded: GuardedToolServer;
const servers: McpToolServer[] = [];

beforeAll(async () => {
  ({ child, url: open } = await startToolProgram('http-tool-server.mjs', '2026'));
});
afterAll(() => void child.kill('SIGKILL'));
beforeEach(async () => {
  guarded = await guardToolServer(open);
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await guarded.close();
});

type HttpEntry = Exclude<ServerEntry, { transport: 'stdio' }>;
type Credentials = Partial<NonNullable<HttpEntry['oauth']>>;

function entryWith(credentials: Credentials): ServerEntry {
  const headers = { 'X-Token': 'of the operator' };
  const standing = { issuer: guarded.issuer, clientId: 'runtime', algorithm: 'ES256' } as const;
  return aServer({ url: guarded.url, headers, oauth: { ...standing, ...credentials } });
}

function connect(entry: ServerEntry): McpToolServer {
  const hosts = new RemoteToolHost({ path: '/nowhere' });
  const options = { entry, folder: tmpdir(), hidden: [], hosts, clock: systemClock };
  const server = new McpToolServer('tools', { ...options, log: silentLogger });
  servers.push(server);
  return server;
}

const withSecret = () => entryWith(SECRET);
const look = (server: McpToolServer, more: object = {}) =>
  server.call({ tool: 'look', arguments: {}, timeoutMs: 10_000, ...more }, never);

async function reasonOf(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    (result) => `answered: ${JSON.stringify(result)}`,
    (error: unknown) => String(error),
  );
}

describe('a tool server that wants a token', () => {
  it('gets one for which the credentials of its entry were shown', async () => {
    const result = await look(connect(withSecret()));
    expect(result).toMatchObject({ isError: false });
    const [asked, ...more] = guarded.tokenRequests;
    expect(more).toEqual([]);
    expect(asked?.form).toMatchObject({ grant_type: 'client_credentials', resource: guarded.url });
    const shown = Buffer.from(asked?.authorization?.slice('Basic '.length) ?? '', 'base64');
    expect(decodeURIComponent(shown.toString())).toBe('runtime:of the runtime');
  });

  it('is called by all connections of its entry with one token', async () => {
    const entry = withSecret();
    await look(connect(entry));
    await look(connect(entry));
    expect(guarded.tokenRequests).toHaveLength(1);
  });

  it('gets another token when it does not take the one before any more', async () => {
    const server = connect(withSecret());
    await look(server);
    guarded.forget();
    expect(await look(server)).toMatchObject({ isError: false });
    expect(guarded.tokenRequests).toHaveLength(2);
  });

  it('may be shown a key in place of a secret', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const jwk = JSON.stringify(privateKey.export({ format: 'jwk' }));
    for (const key of [pem, jwk]) {
      expect(await look(connect(entryWith({ privateKey: key })))).toMatchObject({ isError: false });
    }
    const [assertion] = guarded.tokenRequests.map(({ form }) => form['client_assertion'] ?? '');
    expect(assertion?.split('.')).toHaveLength(3);
    expect(JSON.stringify(guarded.tokenRequests)).not.toContain('PRIVATE');
  });

  it('tells its issuer neither headers of the entry nor keys of calls', async () => {
    const server = connect(withSecret());
    await look(server, { idempotencyKey: 'key-1' });
    guarded.forget();
    await look(server, { idempotencyKey: 'key-2' });
    expect(guarded.tokenRequests).toHaveLength(2);
    for (const { headers } of guarded.tokenRequests) {
      expect(headers).not.toHaveProperty('x-token');
      expect(headers).not.toHaveProperty('idempotency-key');
    }
  });

  it('asks for the scope that the entry names', async () => {
    await look(connect(entryWith({ ...SECRET, scope: 'a b' })));
    expect(guarded.tokenRequests[0]?.form).toHaveProperty('scope', 'a b');
  });
});

describe('credentials', () => {
  it('are not shown to another issuer than theirs, whichever the server names', async () => {
    const other = await guardToolServer(open);
    guarded.named = other.issuer;
    const reason = await reasonOf(look(connect(withSecret())));
    expect(reason).toContain('no token for it: ');
    expect(reason).toContain(`bound to "${guarded.issuer}"`);
    expect([guarded.tokenRequests, other.tokenRequests]).toEqual([[], []]);
    await other.close();
  });

  it.each(['{"kty":"EC","d":"very-secret', '-----BEGIN PRIVATE KEY-----\nvery-secret'])(
    'that are no key are told to be none, and not quoted: %s',
    async (privateKey) => {
      const reason = await reasonOf(look(connect(entryWith({ privateKey }))));
      expect(reason).toMatch(/^WorldError: tools: no connection: /);
      expect(reason).not.toContain('very-secret');
      expect(guarded.tokenRequests).toEqual([]);
    },
  );

  it('that are refused are said to be, and what was called was surely not done', async () => {
    guarded.authorization.gives = false;
    const reason = await reasonOf(look(connect(withSecret())));
    expect(reason).toContain('no token for it: ');
    expect(reason).toContain('invalid_client');
    expect(reason).not.toContain('of the runtime');
  });
});
