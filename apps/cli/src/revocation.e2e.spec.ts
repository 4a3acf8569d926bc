import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { connectionFile, connectionSchema } from './connection/connection-file.js';
import { runCli, startUp, until, type RunningUp } from './testing/running-cli.js';

jest.setTimeout(60_000);

const LIMIT_MS = 5_000;

let up: RunningUp;

beforeAll(async () => {
  up = await startUp('--ephemeral', '--edges', '2');
});
afterAll(() => up.stop());

async function tokenOf(clientId: string, secret: string): Promise<string> {
  const { issuer } = connectionSchema.parse(
    JSON.parse(await readFile(connectionFile(up.dataDir), 'utf8')),
  );
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

async function statuses(token: string): Promise<number[]> {
  const answers = up.edges.map(async (edge) => {
    const response = await fetch(edge, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    });
    await response.text();
    return response.status;
  });
  return Promise.all(answers);
}

describe('a client that is removed', () => {
  it('is let in by no edge within 5 s, with a token that all of them have just taken', async () => {
    const data = { dataFolder: up.dataDir };
    const added = await runCli(['clients', 'add', 'ci', '--roles', 'viewer', '--json'], data);
    const { clientSecret } = JSON.parse(added.stdout) as { clientSecret: string };
    const token = await tokenOf('ci', clientSecret);
    expect(await statuses(token)).toEqual([200, 200]);
    expect((await runCli(['clients', 'remove', 'ci'], data)).code).toBe(0);
    const removedMs = performance.now();
    await until(async () => (await statuses(token)).every((status) => status === 401));
    expect(performance.now() - removedMs).toBeLessThan(LIMIT_MS);
  });
});
