import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  freePortOptions,
  runCli,
  runInShell,
  startCli,
  startUp,
  until,
} from './testing/running-cli.js';

jest.setTimeout(120_000);

const USERS = 20_000;

let folder: string;
let admin: Server;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
  admin = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/token') return void response.end('{"access_token":"t","expires_in":900}');
    const user = { tenant: 'local', roles: ['viewer'], disabled: false };
    const users = Array.from({ length: USERS }, (_, index) => ({ name: `user${index}`, ...user }));
    response.end(JSON.stringify(request.method === 'GET' ? { users } : users[0]));
  }).listen(0, '127.0.0.1');
  await once(admin, 'listening');
  const url = `http://127.0.0.1:${(admin.address() as AddressInfo).port}`;
  const connection = {
    ...{ mcp: `${url}/mcp`, edges: [], health: url, issuer: url, nats: 'nats://127.0.0.1:9' },
    ...{ natsKeyFile: '/nowhere', token: 't', tokenExpiresAt: '2999-01-01T00:00:00.000Z' },
    dataDir: folder,
  };
  await writeFile(join(folder, 'connection.json'), JSON.stringify(connection));
  const secret = { clientId: 'local', clientSecret: 'secret' };
  await mkdir(join(folder, 'auth'));
  await writeFile(join(folder, 'auth/local-client.json'), JSON.stringify(secret));
});
afterAll(async () => {
  admin.close();
  admin.closeAllConnections();
  await rm(folder, { recursive: true });
});

const inShell = (line: string) => runInShell(line, folder);

const LIST = '"$NODE" "$PROGRAM" users list';

describe('a result', () => {
  it('that can not be written is no success, and no stack trace', async () => {
    for (const more of ['', ' --json']) {
      const { code, stderr } = await inShell(`${LIST}${more} > /dev/full`);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^The output could not be written: .*: the disk is full\.\n.*\n$/),
      ]);
    }
  });

  it('reaches whoever reads it when nobody reads what accompanies it', async () => {
    const { code, stdout } = await inShell(`${LIST} 2>&- | tail -1`);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`user${USERS - 1}`)]);
    const { child } = startCli(['users', 'password', 'bob'], { dataFolder: folder });
    child.stderr?.destroy();
    let password = '';
    child.stdout?.on('data', (chunk: string) => (password += chunk));
    expect(((await once(child, 'close')) as [number])[0]).toBe(0);
    expect(password).toMatch(/^\S+\n$/);
  });

  it('is whole in a file, and ends in peace where a reader has had enough', async () => {
    const file = join(folder, 'list');
    expect((await inShell(`${LIST} > "${file}"; tail -1 "${file}"`)).stdout).toContain(
      `user${USERS - 1}`,
    );
    const { code, stderr } = await inShell(`${LIST} | head -1`);
    expect([code, stderr]).toEqual([0, '']);
  });
});

describe('the folder that a shell stands in and that is gone', () => {
  it('is named in words', async () => {
    const { code, stderr } = await inShell(
      `d=$(mktemp -d); cd "$d"; rmdir "$d"; unset SKYNET_DATA; ${LIST}`,
    );
    expect(code).toBe(1);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('a stack', () => {
  const ended = async (child: ChildProcess) => {
    if (child.exitCode === null) await once(child, 'exit');
    return child.exitCode;
  };

  it('that the terminal and every parent interrupt at once ends softly', async () => {
    const data = join(folder, 'soft');
    const stack = await startUp('--data', data, ...(await freePortOptions()));
    const { child } = stack;
    for (let times = 0; times < 3; times += 1) child.kill('SIGINT');
    expect(await ended(child)).toBe(0);
  });

  it('is one when two are started on a folder at the same time; the other says which', async () => {
    const data = join(folder, 'twice');
    const both = await Promise.all(
      [1, 2].map(async () =>
        startCli(['up', '--store-only', '--json', '--data', data, ...(await freePortOptions())]),
      ),
    );
    await until(() => both.some(({ child }) => child.exitCode !== null));
    const lost = both.find(({ child }) => child.exitCode !== null);
    const won = both.find((each) => each !== lost);
    expect(await lost?.finished).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Process ${won?.child.pid} runs a stack in ${data}.`),
    });
    await won?.says('"ready":true');
    won?.child.kill('SIGINT');
    expect((await won?.finished)?.code).toBe(0);
  });

  it('says which settings it does not use', async () => {
    const environment = { EDGE_PORT: '1', AUTH_TYPO: 'x', SCHEDULER_MAX_RUNNING: '1' };
    const { stderr } = await runCli(['up', '--registry', '/nowhere', '--ephemeral'], {
      environment,
    });
    expect(stderr).toContain(
      'not used of the environment: AUTH_TYPO (no setting of a service), EDGE_PORT (--port sets it)\n',
    );
    expect(stderr).toContain('/nowhere: there is no such file or folder.');
  });
});
