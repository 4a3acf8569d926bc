import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { HostWorld, type TestServer } from '../testing/hosts.js';

let world: HostWorld;

beforeEach(async () => {
  world = await HostWorld.start();
});
afterEach(() => world.stop());

const shell = (script: string, fields = {}) =>
  world.launch({ command: 'sh', args: ['-c', script], ...fields });

describe('a server in a host', () => {
  it('gets its lines, and what it writes comes back', async () => {
    const server = await shell('while read -r line; do echo "<$line>"; done');
    await server.send('a\nb');
    expect([await server.next(), await server.next()]).toEqual(['<a>', '<b>']);
  });

  it('has the environment of its entry and nothing of the host’s', async () => {
    const environment = await (await world.launch({ env: { OWN: 'own' } })).attack('environment');
    expect(environment).toEqual({ PATH: '/usr/bin:/bin', OWN: 'own' });
  });

  it('is told by its last words and its code when it ends', async () => {
    const server = await shell('echo "ERROR: API_KEY is not set" >&2; exit 3');
    await server.ended;
    expect(server.ending).toBe('exited with code 3: ERROR: API_KEY is not set');
  });

  it('keeps of its last words a few lines, however many there were', async () => {
    const server = await shell('for n in $(seq 1000); do echo "line $n" >&2; done; kill -9 $$');
    await server.ended;
    expect(server.ending).toMatch(/^was ended by SIGKILL: line 981\n(line \d+\n)+line 1000$/);
  });

  it('is told of as soon as it is gone, also when something of it holds its output', async () => {
    const server = await shell('sleep 60 & echo out; exit 1');
    expect(await server.next()).toBe('out');
    await server.ended;
    expect(server.ending).toBe('exited with code 1');
  });

  it('answers in lines up to its limit; of a longer one comes what it was', async () => {
    const server = await shell(
      'printf %s "{\\"id\\":5,\\"x\\":\\""; head -c 2000 /dev/zero; echo; echo ok',
      {
        maxAnswerBytes: 1_000,
      },
    );
    expect(await server.next()).toBe('ok');
    expect(server.tooLarge).toEqual([{ id: 5, bytes: 2_013 }]);
  });

  it('ends when its connection ends, also when it does not want to', async () => {
    const server = await shell('trap "" TERM; echo ready; while :; do sleep 1; done');
    await server.next();
    await server.close();
    expect(server.ending).toBe('was ended by SIGKILL');
  });

  it('may end by itself when its input ends', async () => {
    const server = await shell('cat; echo last; exit 7');
    await server.close();
    expect([await server.next(), server.ending]).toEqual(['last', 'exited with code 7']);
  });
});

describe('a server that can not be started', () => {
  it.each([
    [
      'a program that is not there',
      { command: '/gone/server' },
      'there is no program /gone/server',
    ],
    [
      'a name that is not on the PATH',
      { command: 'gone' },
      'no program gone on the PATH /usr/bin:/bin',
    ],
    ['a folder that is not there', { cwd: '/gone' }, 'there is no folder /gone'],
  ])('says so: %s', async (_what, fields, reason) => {
    await expect(world.launch(fields)).rejects.toThrow(reason);
  });

  it('says so: a request that is none', async () => {
    const socket = connect({ path: world.socket, allowHalfOpen: true });
    socket.write('GET / HTTP/1.1\n');
    expect(await text(socket)).toMatch(/^x\{"reason":"not started: /);
    socket.destroy();
  });
});

describe('where there is no sandbox', () => {
  let bare: HostWorld;

  beforeEach(async () => {
    bare = await HostWorld.start({}, async () => ({ reason: 'it is Tuesday' }));
  });
  afterEach(() => bare.stop());

  it('a server that requires one is refused, with what to do', async () => {
    await expect(bare.launch({ sandbox: 'required' })).rejects.toThrow(
      /^no sandbox here \(it is Tuesday\): write sandbox: "none" in its entry of the registry/,
    );
  });

  it('a server that prefers one runs without, and so does one that wants none', async () => {
    expect((await bare.launch({ sandbox: 'preferred' })).sandbox).toBe('none');
    expect((await bare.launch({ sandbox: 'none' })).sandbox).toBe('none');
  });
});

describe('a container of its own', () => {
  it('is the sandbox of its servers; each has a home there', async () => {
    const container = await HostWorld.start({ sandbox: 'container' });
    const server = await container.launch({ sandbox: 'required' });
    expect(server.sandbox).toBe('container');
    const { HOME } = (await server.attack('environment')) as { HOME: string };
    expect(HOME.startsWith(join(container.root, 'homes/hostile-'))).toBe(true);
    await container.stop();
  });

  it('gives a server of one agent a home that ends with it, but for what was fetched', async () => {
    const container = await HostWorld.start({ sandbox: 'container' });
    const launch = (tenant: string) =>
      container.launch({ holder: { tenant, keepsHome: false }, sandbox: 'required' });
    const home = async (server: TestServer) =>
      ((await server.attack('environment')) as { HOME: string }).HOME;
    const server = await launch('acme');
    for (const file of ['page', '.npm/package']) {
      await server.attack('write', { path: join(await home(server), file) });
    }
    await server.close();
    const look = async (next: TestServer, file: string) =>
      next.attack('read', { path: join(await home(next), file) });
    const next = await launch('acme');
    expect([await look(next, 'page'), await look(next, '.npm/package')]).toEqual([
      'ENOENT',
      'was here',
    ]);
    expect(await look(await launch('globex'), '.npm/package')).toBe('ENOENT');
    await container.stop();
  });
});
