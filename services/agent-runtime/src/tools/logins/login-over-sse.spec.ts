import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@skynet/platform';
import { RemoteToolHost } from '@skynet/tool-host';
import { KnownSecrets } from '../../secrets/known-secrets.js';
import {
  guardToolServer,
  type GuardedToolServer,
} from '../../testing/authorization/guarded-tool-server.js';
import { aServer } from '../../testing/registries.js';
import { startToolProgram } from '../../testing/tool-programs.js';
import { McpToolServer } from '../mcp/mcp-tool-server.adapter.js';
import type { RemoteEntry } from '../remote-entry.js';
import { beginLogin, endLogin } from './person-login.js';
import { ServerLogins } from './server-logins.js';

let child: ChildProcess;
let guarded: GuardedToolServer;
let folder: string;

beforeEach(async () => {
  const started = await startToolProgram('sse-tool-server.mjs');
  child = started.child;
  guarded = await guardToolServer(started.url);
  folder = mkdtempSync(join(tmpdir(), 'skynet-logins-'));
});
afterEach(async () => {
  child.kill('SIGKILL');
  await guarded.close();
  rmSync(folder, { recursive: true });
});

describe('a server over SSE that wants a person to log in', () => {
  it('says how, and is called with the token of the login', async () => {
    const means = { clock: systemClock, log: silentLogger };
    const logins = new ServerLogins({ ...means, folder, secrets: new KnownSecrets() });
    const entry = aServer({ transport: 'sse', url: guarded.url }) as RemoteEntry;
    const hosts = new RemoteToolHost({ path: '/nowhere' });
    const server = new McpToolServer('crm', { ...means, entry, logins, folder, hidden: [], hosts });
    await expect(server.list()).rejects.toThrow('run "skynet tools login crm"');
    const asked = { name: 'crm', entry };
    const { page } = await beginLogin(asked, 'http://127.0.0.1:1/callback', logins);
    const { headers } = await fetch(page, { redirect: 'manual' });
    const back = new URL(headers.get('location') ?? '');
    await endLogin(asked, Object.fromEntries(back.searchParams), logins);
    expect((await server.list()).tools).not.toEqual([]);
    await server.close();
  });
});
