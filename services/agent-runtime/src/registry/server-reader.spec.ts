import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Secrets } from '../secrets/secrets.js';
import { readServer } from './server-reader.js';

const secrets = new Secrets('/nowhere');
const read = (entry: unknown, environment = {}) =>
  readServer('files', entry, { environment, secrets });

describe('a server as its README prints it', () => {
  it.each([
    [{ command: 'npx', args: ['-y', 'x'], env: { A: 'b' } }, { transport: 'stdio' }],
    [
      { type: 'stdio', command: 'npx', args: [1], env: { PORT: 1, DEBUG: true } },
      {
        args: ['1'],
        env: { PORT: '1', DEBUG: 'true' },
      },
    ],
    [
      { url: 'https://x/mcp', headers: { A: 'b' } },
      { transport: 'http', headers: { A: 'b' } },
    ],
    [{ type: 'streamable-http', url: 'https://x/mcp' }, { transport: 'http' }],
    [{ type: 'http', url: 'https://x/sse' }, { transport: 'http' }],
    [{ type: 'sse', url: 'https://x/events' }, { transport: 'sse' }],
    [{ url: 'https://x/sse' }, { transport: 'sse' }],
    [{ serverUrl: 'https://x/mcp' }, { transport: 'http', url: 'https://x/mcp' }],
    [{ transport: 'http', url: 'https://x/mcp', disabled: false }, { transport: 'http' }],
  ])('is taken: %j', (entry, expected) => {
    expect(read(entry)).toMatchObject({ entry: expected, mistakes: [] });
  });

  it('is switched off by `disabled`', () => {
    const off = { isDisabled: true, mistakes: [] };
    expect(read({ command: 'x', disabled: true })).toEqual(off);
    expect(read({ command: 'x', enabled: false })).toEqual(off);
  });

  it('sees folders that are paths alone, and writes in none of them', () => {
    expect(read({ command: 'x', folders: ['notes'] })).toMatchObject({
      entry: { folders: [{ path: 'notes', writable: false }] },
      mistakes: [],
    });
    expect(read({ command: 'x', folders: ['/'] }).entry).toBeUndefined();
  });

  it('has results kept where it may be called again, and nowhere else', () => {
    const cache = { seconds: 600 };
    const entryWith = (fields: object) => read({ command: 'x', ...fields });
    const kept = entryWith({ recovery: 'retry', cache, tools: { write: { recovery: 'ask' } } });
    expect(kept).toMatchObject({ entry: { cache }, mistakes: [] });
    const tools = { write: { recovery: 'key', cache } };
    const refused = [entryWith({ cache }), entryWith({ recovery: 'retry', tools })];
    expect(refused.map(({ entry }) => entry)).toEqual([undefined, undefined]);
    expect(refused.flatMap(({ mistakes }) => mistakes)).toMatchObject([
      { path: ['cache'], cause: expect.stringContaining('needs recovery "retry"') },
      { path: ['tools', 'write', 'cache'] },
    ]);
    expect(entryWith({ recovery: 'retry', cache: { seconds: -1 } }).entry).toBeUndefined();
  });

  it('is told of the context of clients what its entry names, and by default nothing', () => {
    expect(read({ command: 'x' }).entry?.context).toBeUndefined();
    const entryWith = (context: unknown) => read({ command: 'x', context });
    expect(entryWith({ baggage: ['tenant-tier'] })).toMatchObject({
      entry: { context: { tracestate: false, baggage: ['tenant-tier'] } },
      mistakes: [],
    });
    expect(entryWith({ tracestate: true }).entry?.context).toEqual({
      tracestate: true,
      baggage: [],
    });
    for (const baggage of [['a b'], ['a=1'], ['*', ''], 'tenant-tier'])
      expect(entryWith({ baggage })).toMatchObject({ mistakes: [{ severity: 'refused' }] });
    expect(entryWith({ tracestat: true })).toMatchObject({
      entry: { context: { tracestate: false } },
      mistakes: [{ severity: 'warning', next: 'Did you mean tracestate?' }],
    });
  });

  it('keeps what is granted to grants', () => {
    const { entry, mistakes } = read({ command: 'x', autoApprove: ['a'], alwaysAllow: ['b'] });
    expect(entry).toBeDefined();
    expect(mistakes.map(({ path, severity }) => [path, severity])).toEqual([
      [['autoApprove'], 'warning'],
      [['alwaysAllow'], 'warning'],
    ]);
  });
});

describe('a variable', () => {
  const entry = {
    command: 'x',
    args: [`--key=\${KEY}`, `\${MODE:-plain}`],
    env: { KEY: `\${KEY}`, OTHER: `\${env:KEY}`, EMPTY: `\${NONE:-}` },
  };

  it('is put in args and env, or its default', () => {
    expect(read(entry, { KEY: 'secret' }).entry).toMatchObject({
      args: ['--key=secret', 'plain'],
      env: { KEY: 'secret', OTHER: 'secret', EMPTY: '' },
    });
  });

  it('is put in headers and the URL', () => {
    const remote = { url: `http://\${HOST}/mcp`, headers: { Authorization: `Bearer \${KEY}` } };
    expect(read(remote, { HOST: 'x', KEY: 'secret' }).entry).toMatchObject({
      url: 'http://x/mcp',
      headers: { Authorization: 'Bearer secret' },
    });
  });

  it('that is not set leaves the entry out', () => {
    const { entry: none, mistakes } = read(entry);
    expect(none).toBeUndefined();
    expect(mistakes[0]).toMatchObject({
      path: ['args', 0],
      cause: 'the variable KEY is not set',
      severity: 'refused',
    });
  });

  it.each([`\${`, `\${}`, `\${input:key}`, `\${KEY`, `\${a b}`])(
    'is not guessed at: %s',
    (text) => {
      const { entry: none, mistakes } = read({ command: 'x', args: [text] }, { KEY: 'x' });
      expect(none).toBeUndefined();
      expect(mistakes).toMatchObject([{ severity: 'refused' }]);
    },
  );

  it('shows its value nowhere but in the entry', () => {
    const wrong = { url: `ftp://\${KEY}`, headers: { a: `\${KEY}` }, zzz: 1, timeoutSeconds: -1 };
    const { mistakes } = read(wrong, { KEY: 'secret' });
    expect(mistakes.length).toBeGreaterThan(1);
    expect(JSON.stringify(mistakes)).not.toContain('secret');
    expect(JSON.stringify(read(entry, { KEY: 'secret' }).written)).not.toContain('secret');
  });
});

describe('the isolation of a server', () => {
  it.each(['agent', 'tree', 'tenant', 'shared'])('may be %s', (isolation) => {
    const { entry: one, mistakes } = read({
      command: 'x',
      isolation,
      instances: 2,
      idleSeconds: 60,
    });
    expect(mistakes).toEqual([]);
    expect(one).toMatchObject({ isolation, instances: 2, idleSeconds: 60 });
  });

  it.each([
    ['isolation', 'user', 'expected one of "agent"|"tree"|"tenant"|"shared"'],
    ['isolation', ['agent'], 'expected one of "agent"|"tree"|"tenant"|"shared"'],
    ['instances', 0, 'expected number to be >0'],
    ['instances', 1.5, 'expected int, received number'],
    ['idleSeconds', -1, 'expected number to be >0'],
    ['idleSeconds', 1e9, 'expected number to be <=86400'],
  ])('leaves the entry out with %s %j: it never falls back to less', (key, value, cause) => {
    const { entry: none, mistakes } = read({ command: 'x', [key]: value });
    expect(none).toBeUndefined();
    expect(mistakes).toMatchObject([{ path: [key], severity: 'refused' }]);
    expect(mistakes[0]?.cause).toContain(cause);
  });

  it('leaves the entry out when it is misspelt', () => {
    const { entry: none, mistakes } = read({ command: 'x', isolatoin: 'agent' });
    expect(none).toBeUndefined();
    expect(mistakes).toMatchObject([{ next: 'Did you mean isolation?', severity: 'refused' }]);
  });
});

describe('the tenants of a server', () => {
  it('may be some, and none', () => {
    for (const tenants of [['acme', 'globex'], []])
      expect(read({ command: 'x', tenants })).toMatchObject({ entry: { tenants }, mistakes: [] });
  });

  it.each([
    ['tenants', 'acme'],
    ['tenants', [1]],
    ['tenants', ['']],
    ['tenants', ['no tenant']],
    ['tenants', null],
    ['tenant', ['acme']],
    ['Tenants', ['acme']],
  ])('leave the entry out with %s %j: it is never open to all by mistake', (key, value) => {
    const { entry: none, mistakes } = read({ command: 'x', [key]: value });
    expect(none).toBeUndefined();
    expect(mistakes).toMatchObject([{ severity: 'refused' }]);
  });
});

describe('a secret', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skynet-secrets-'));
  const file = join(folder, 'secrets.json');
  writeFileSync(file, '{ "github": "gh-value", "odd": ["x"] }', { mode: 0o600 });
  afterAll(() => rmSync(folder, { recursive: true }));
  const readWith = (entry: object) =>
    readServer('files', entry, { environment: {}, secrets: new Secrets(file) });

  it('is put in headers and env, alone or within a text', () => {
    const headers = { Authorization: 'Bearer secret://github' };
    expect(readWith({ url: 'https://x/mcp', headers }).entry).toMatchObject({
      headers: { Authorization: 'Bearer gh-value' },
    });
    const { entry, written } = readWith({ command: 'x', env: { KEY: 'secret://github' } });
    expect(entry).toMatchObject({ env: { KEY: 'gh-value' } });
    expect(written).toMatchObject({ env: { KEY: 'secret://github' } });
  });

  it('is put in credentials of OAuth', () => {
    const oauth = { issuer: 'https://id.example', clientId: 'me', clientSecret: 'secret://github' };
    const { entry, written } = readWith({ url: 'https://x/mcp', oauth });
    const read = { ...oauth, algorithm: 'ES256', clientSecret: 'gh-value' };
    expect(entry).toMatchObject({ oauth: read });
    expect(written).toMatchObject({ oauth });
  });

  it('is put in what a login by a person needs, where it needs any', () => {
    const known = { login: true, issuer: 'https://id.example', clientId: 'me', scope: 'a b' };
    for (const oauth of [{ login: true }, { ...known, clientSecret: 'secret://github' }]) {
      const { entry, mistakes } = readWith({ url: 'https://x/mcp', oauth });
      expect(mistakes).toEqual([]);
      expect(entry).toMatchObject({ oauth: { login: true } });
      expect(JSON.stringify(entry)).not.toContain('secret://');
    }
  });

  it.each([
    [{ clientSecret: 'x' }, 'clientSecret needs clientId, and issuer'],
    [{ clientSecret: 'x', clientId: 'me' }, 'it is shown to no other'],
    [{ clientMetadataUrl: 'http://x/client.json' }, 'URL'],
    [{ issuer: 'id.example' }, 'URL'],
  ])('or what stands beside it in a login leaves the entry out: %j', (wrong, cause) => {
    const { entry, mistakes } = readWith({
      url: 'https://x/mcp',
      oauth: { login: true, ...wrong },
    });
    expect(entry).toBeUndefined();
    expect(mistakes[0]?.cause).toContain(cause);
  });

  it.each([
    [{}, 'needs either clientSecret or privateKey'],
    [{ clientSecret: 'secret://github', privateKey: 'x' }, 'needs either'],
    [{ clientSecret: 'secret://none' }, 'there is no secret none in'],
    [{ clientSecret: 'x', issuer: 'id.example' }, 'URL'],
    [{ clientSecret: 'x', clientId: '' }, '>=1'],
  ])('or what stands beside it in credentials leaves the entry out: %j', (wrong, cause) => {
    const oauth = { issuer: 'https://id.example', clientId: 'me', ...wrong };
    const { entry, mistakes } = readWith({ url: 'https://x/mcp', oauth });
    expect(entry).toBeUndefined();
    expect(mistakes).toMatchObject([{ severity: 'refused' }]);
    expect(mistakes[0]?.cause).toContain(cause);
  });

  it.each([
    [{ command: 'x', env: { KEY: 'secret://none' } }, ['env', 'KEY'], 'there is no secret none in'],
    [{ command: 'x', env: { KEY: 'secret://odd' } }, ['env', 'KEY'], 'not be read there: odd'],
    [{ command: 'x', env: { KEY: 'secret://' } }, ['env', 'KEY'], 'names no secret'],
    [{ command: 'x', args: ['--key=secret://github'] }, ['args', 0], 'can not stand in args'],
    [{ url: 'https://x/secret://github' }, ['url'], 'can not stand in url'],
  ])('leaves the entry out, without its value: %j', (given, path, cause) => {
    const { entry: none, mistakes } = readWith(given);
    expect(none).toBeUndefined();
    expect(mistakes).toMatchObject([{ path, severity: 'refused', next: expect.any(String) }]);
    expect(mistakes[0]?.cause).toContain(cause);
    expect(JSON.stringify(mistakes)).not.toContain('gh-value');
  });
});

describe('a name', () => {
  it.each(['my_server', 'github/issues', '@scope/x.y'])('may be %s', (name) => {
    expect(readServer(name, { command: 'x' }, { environment: {}, secrets }).mistakes).toEqual([]);
  });
});
