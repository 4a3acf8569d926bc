import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LoginsFile } from './logins-file.js';
import { connectionFile, writeConnection } from './connection-file.js';
import { findConnection, readConnection } from './connection.js';

let folder: string;
const nowhere = { url: undefined, token: undefined, loginsFile: '/nowhere/logins.json' };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(() => rm(folder, { recursive: true }));

function leave(tokenExpiresAt: string): Promise<void> {
  return writeConnection({
    mcp: 'http://127.0.0.1:1/mcp',
    edges: ['http://127.0.0.1:1/mcp'],
    health: 'http://127.0.0.1:1/health/ready',
    issuer: 'http://127.0.0.1:1',
    nats: 'nats://127.0.0.1:1',
    natsKeyFile: join(folder, 'operator.nk'),
    token: 'stored',
    tokenExpiresAt,
    dataDir: folder,
  });
}

describe('a command that calls a server', () => {
  beforeEach(() => leave('2999-01-01T00:00:00.000Z'));

  it('takes what up left in the data folder', async () => {
    const found = await findConnection({}, { ...nowhere, dataFolder: folder });
    expect(found).toMatchObject({ mcp: 'http://127.0.0.1:1/mcp', token: 'stored' });
    expect(found.source).toBe(connectionFile(folder));
  });

  it('prefers the environment', async () => {
    const config = { ...nowhere, url: 'http://there/mcp', token: 'env', dataFolder: folder };
    expect(await findConnection({}, config)).toEqual({
      mcp: 'http://there/mcp',
      token: 'env',
      source: 'SKYNET_URL',
    });
  });

  it('prefers a data folder that the command line names', async () => {
    const config = { ...nowhere, url: 'http://there/mcp', token: 'env', dataFolder: '/nowhere' };
    expect(await findConnection({ data: folder }, config)).toMatchObject({ token: 'stored' });
  });

  it('prefers URL and token of the command line to everything', async () => {
    const config = { ...nowhere, url: 'http://there/mcp', token: 'env', dataFolder: folder };
    const options = { url: 'http://here/mcp', token: 'own', data: folder };
    expect(await findConnection(options, config)).toMatchObject({
      mcp: 'http://here/mcp',
      token: 'own',
    });
  });

  it('may keep the token out of the command line', async () => {
    const config = { ...nowhere, token: 'env', dataFolder: folder };
    expect(await findConnection({ url: 'http://here/mcp' }, config)).toMatchObject({
      mcp: 'http://here/mcp',
      token: 'env',
    });
  });

  it('uses the login to a URL when there is no token', async () => {
    const loginsFile = join(folder, 'logins.json');
    await new LoginsFile(loginsFile).change('http://here/mcp', () =>
      Promise.resolve({
        issuer: 'http://here',
        tokenEndpoint: 'http://here/token',
        clientId: 'skynet-cli',
        token: 'of the login',
        tokenExpiresAt: '2999-01-01T00:00:00.000Z',
      }),
    );
    const config = { ...nowhere, loginsFile, dataFolder: folder };
    const found = await findConnection({ url: 'http://here/mcp' }, config);
    expect(found).toMatchObject({ mcp: 'http://here/mcp', token: 'of the login' });
  });

  it.each([
    [{ url: 'http://here/mcp' }, '--url needs --token, or a login.'],
    [{ token: 'own' }, '--token needs --url.'],
    [{ url: 'here', token: 'own' }, '--url is no URL: here'],
  ])('refuses %j', async (options, message) => {
    await expect(findConnection(options, { ...nowhere, dataFolder: folder })).rejects.toMatchObject(
      { message, exitCode: 2 },
    );
  });

  it('still calls with an old token when the stack that could renew it is down', async () => {
    await leave('2001-01-01T00:00:00.000Z');
    expect(await readConnection(folder)).toMatchObject({ token: 'stored' });
  });
});

describe('a data folder without a stack', () => {
  it('is named, with what to do', async () => {
    await expect(readConnection(folder)).rejects.toMatchObject({
      message: `There is no ${connectionFile(folder)}.`,
      next: expect.stringContaining('npm start') as unknown,
      exitCode: 1,
    });
  });
});
