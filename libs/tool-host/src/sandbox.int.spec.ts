import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@skynet/testing';
import { HostWorld, type TestServer } from './testing/hosts.js';
import { noSandbox } from './testing/no-sandbox.config.js';
import { processesWith } from './testing/processes.js';

const CANARY = 'canary';
const inSandbox = noSandbox === undefined ? describe : describe.skip;
if (noSandbox !== undefined)
  process.stderr.write(`tests of the sandbox are skipped: ${noSandbox}\n`);

let world: HostWorld;

beforeEach(async () => {
  world = await HostWorld.start();
});
afterEach(() => world.stop());

const at = (path: string) => join(world.root, path);
const sandboxed = (fields: object = {}) => world.launch({ sandbox: 'required', ...fields });

/** The program of a server, and what runs it, are seen wherever they are. */
const hasNoPartOfUs = (folder: string) =>
  [process.execPath, import.meta.dirname].every((path) => !path.startsWith(`${folder}/`));

inSandbox('a server in a sandbox', () => {
  let server: TestServer;

  beforeEach(async () => {
    for (const place of ['home/letter', 'work/data/key', 'work/registry.json', 'work/notes']) {
      writeFileSync(at(place), `${CANARY} of ${place}`);
    }
    const hidden = [at('work/data'), at('work/registry.json')];
    server = await sandboxed({ hidden, env: { OWN: 'own' } });
    expect(server.sandbox).toBe('bubblewrap');
  });

  it('finds no secret in its environment, nor in that of any process', async () => {
    expect(await server.attack('environment')).toEqual({
      PATH: '/usr/bin:/bin',
      HOME: '/tool',
      TMPDIR: '/tmp',
      PWD: at('work'),
      npm_config_offline: 'true',
      UV_OFFLINE: '1',
      OWN: 'own',
    });
    const environments = await server.attack('otherEnvironments');
    expect(environments).toContain('OWN=own');
    expect(environments).not.toContain(CANARY);
  });

  it('sees of its folder what is not hidden, and can not write there', async () => {
    expect(await server.attack('read', { path: at('work/notes') })).toContain(CANARY);
    expect(await server.attack('search', { folder: at('work/data') })).toEqual([]);
    expect(await server.attack('read', { path: at('work/registry.json') })).toBe('');
    expect(await server.attack('write', { path: at('work/notes') })).toBe('EROFS');
    expect(await server.attack('write', { path: at('work/data/key') })).toBe('EROFS');
  });

  it('sees nobody’s home and nobody’s temporary files', async () => {
    const other = await sandboxed({ cwd: '/usr' });
    const machine = ['/home', '/root', '/run'].filter(hasNoPartOfUs);
    // Both are the same private folder there.
    const temporary = hasNoPartOfUs('/tmp') ? ['/tmp', '/var/tmp'] : [];
    for (const folder of [...machine, ...temporary, at('home'), at('homes')]) {
      expect(await other.attack('search', { folder })).toEqual([]);
    }
    expect(await other.attack('read', { path: at('home/letter') })).toBe('ENOENT');
  });

  it('sees no file of the system that is not for everybody', async () => {
    for (const path of ['/etc/shadow', '/etc/ssl/private']) {
      expect(['', 'EISDIR', 'EACCES', 'ENOENT']).toContain(await server.attack('read', { path }));
    }
    expect(await server.attack('read', { path: '/etc/passwd' })).toContain('root:');
  });

  it('can change nothing but its home and its temporary files', async () => {
    for (const path of ['/x', '/usr/x', '/etc/x', '/proc/x', '/dev/x', at('work/x')]) {
      expect(['EROFS', 'ENOENT', 'EACCES']).toContain(await server.attack('write', { path }));
    }
    for (const path of ['/tool/x', '/tmp/x', '/var/tmp/y', '/dev/shm/x']) {
      expect(await server.attack('write', { path })).toBe('written');
    }
    for (const path of ['/proc/sys/kernel/core_pattern', '/proc/sys/kernel/hostname']) {
      expect(['EROFS', 'EACCES']).toContain(await server.attack('open', { path }));
    }
  });

  it('finds at its next start what it left in its home, and nothing else', async () => {
    await server.attack('write', { path: '/tool/kept' });
    await server.attack('write', { path: '/tmp/lost' });
    await server.close();
    const next = await sandboxed();
    expect(await next.attack('search', { folder: '/tool' })).toEqual(['/tool/kept: was here']);
    expect(await next.attack('read', { path: '/tmp/lost' })).toBe('ENOENT');
    const other = await sandboxed({ name: 'other' });
    expect(await other.attack('search', { folder: '/tool' })).toEqual([]);
  });

  it('finds in the home of its tenant nothing of another, whatever their names', async () => {
    const of = (tenant: string) => sandboxed({ holder: { tenant, keepsHome: true } });
    const acme = await of('acme');
    await acme.attack('write', { path: '/tool/kept' });
    await acme.close();
    const again = await of('acme');
    expect(await again.attack('search', { folder: '/tool' })).toEqual(['/tool/kept: was here']);
    for (const tenant of ['', '../acme', 'acme\n', 'globex']) {
      expect(await (await of(tenant)).attack('search', { folder: '/tool' })).toEqual([]);
    }
    expect(await server.attack('search', { folder: '/tool' })).toEqual([]);
  });

  it('keeps of a home that ends with it only what was fetched, and that for its tenant', async () => {
    const of = (tenant: string) => sandboxed({ holder: { tenant, keepsHome: false } });
    const acme = await of('acme');
    for (const path of ['/tool/page', '/tool/.npm/package', '/tool/.cache/uv/package'])
      expect(await acme.attack('write', { path })).toBe('written');
    const beside = await of('acme');
    await acme.close();
    for (const next of [beside, await of('acme')]) {
      const found = (await next.attack('search', { folder: '/tool' })) as string[];
      expect(found.toSorted()).toEqual([
        '/tool/.cache/uv/package: was here',
        '/tool/.npm/package: was here',
      ]);
    }
    expect(await (await of('globex')).attack('search', { folder: '/tool' })).toEqual([]);
  });

  it('writes in a folder that it was granted', async () => {
    const granted = await sandboxed({ folders: [{ path: at('work'), writable: true }] });
    expect(await granted.attack('write', { path: at('work/notes') })).toBe('written');
    expect(readFileSync(at('work/notes'), 'utf8')).toBe('was here');
  });
});

inSandbox('the network', () => {
  let listener: Server;
  let port: number;

  beforeEach(async () => {
    listener = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    ({ port } = listener.address() as { port: number });
  });
  afterEach(() => {
    listener.close();
  });

  it('is closed to a server, the sockets of this machine too', async () => {
    const server = await sandboxed();
    const address = { host: '127.0.0.1', port };
    expect(await server.attack('connect', { address })).toBe('ECONNREFUSED');
    const outside = { host: '192.0.2.1', port: 9 };
    expect(await server.attack('connect', { address: outside })).toBe('ENETUNREACH');
    const host = { path: world.socket };
    expect(['ENOENT', 'EACCES']).toContain(await server.attack('connect', { address: host }));
  });

  it('is open where the registry grants it', async () => {
    const server = await sandboxed({ network: true });
    const address = { host: '127.0.0.1', port };
    expect(await server.attack('connect', { address })).toBe('connected');
    const host = { path: world.socket };
    expect(['ENOENT', 'EACCES']).toContain(await server.attack('connect', { address: host }));
  });
});

inSandbox('a server that wants to outlive its connection', () => {
  it('is gone with all that it has started', async () => {
    const word = `daemon-${process.pid}`;
    const server = await sandboxed();
    await server.attack('stay');
    await server.attack('daemonize', { name: word });
    expect(processesWith(word)).not.toEqual([]);
    await server.close();
    await eventually(async () => expect(processesWith(word)).toEqual([]));
  });

  it('is gone when only its first process ends', async () => {
    const word = `orphan-${process.pid}`;
    const server = await sandboxed();
    await server.attack('daemonize', { name: word });
    await server.close();
    await eventually(async () => expect(processesWith(word)).toEqual([]));
  });
});

inSandbox('a server that passes its limits', () => {
  it('is ended for its processes', async () => {
    const word = `bomb-${process.pid}`;
    const server = await sandboxed({ limits: { processes: 30, memoryMib: 1_024 } });
    await server.attack('fork', { count: 100, name: word });
    await server.ended;
    expect(server.ending).toBe('more than 30 processes');
    await eventually(async () => expect(processesWith(word)).toEqual([]));
  });

  it('is ended for its memory', async () => {
    const server = await sandboxed({ limits: { processes: 64, memoryMib: 200 } });
    await server.attack('allocate', { mib: 300 });
    await server.ended;
    expect(server.ending).toBe('more than 200 MiB of memory');
  });

  it('goes on below them', async () => {
    const server = await sandboxed({ limits: { processes: 30, memoryMib: 300 } });
    expect(await server.attack('fork', { count: 10, name: 'few' })).toBe(10);
    expect(await server.attack('allocate', { mib: 50 })).toBe('allocated');
  });
});
