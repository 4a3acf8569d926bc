import { describe, expect, it } from '@jest/globals';
import { findNatsServer, findOldNatsServer } from './nats-server.mjs';

const VERSIONS = {
  '/new': [2, 15, 1],
  '/edge': [2, 12, 0],
  '/debian': [2, 9, 10],
  '/middle': [2, 11, 3],
  '/ancient': [2, 8, 4],
  '/broken': undefined,
};

/** A machine that has these; every costly thing that is done is noted. */
function machineWith({ files = [], named, pinned, before, fetches, installs = [] }) {
  const did = [];
  const said = [];
  let fetched = pinned;
  let installed = [];
  const install = () => {
    did.push('install');
    installed = installs;
    return 'apt said no';
  };
  const machine = {
    named,
    pinned: () => fetched,
    fetchedBefore: () => before,
    files: () => [...files, ...installed],
    versionOf(file) {
      did.push(`ask ${file}`);
      return VERSIONS[file];
    },
    async fetch() {
      did.push('fetch');
      fetched = fetches;
      return fetches === undefined ? 'no network' : undefined;
    },
    install,
    unpackDebians: install,
    say: (line) => said.push(line),
  };
  return { machine, did, said };
}

describe('the nats-server to run', () => {
  it('is the one that is named, whatever else there is', async () => {
    const { machine, said } = machineWith({ named: '/edge', pinned: '/new' });
    expect(await findNatsServer('', machine)).toBe('/edge');
    expect(said).toEqual([]);
  });

  it('is the one that is named with a warning when it is old', async () => {
    const { machine, said } = machineWith({ named: '/debian', pinned: '/new' });
    expect(await findNatsServer('', machine)).toBe('/debian');
    expect(said).toEqual([expect.stringContaining('nats-server 2.9.10 is older than 2.12')]);
  });

  it.each(['/ancient', '/broken'])(
    'is never a named one that can not run us: %s',
    async (named) => {
      const { machine } = machineWith({ named, pinned: '/new' });
      await expect(findNatsServer('', machine)).rejects.toThrow(
        `SKYNET_NATS_SERVER names ${named}`,
      );
    },
  );

  it('is the one that was fetched before, without asking any program or the network', async () => {
    const { machine, did } = machineWith({ pinned: '/new', files: ['/edge'] });
    expect(await findNatsServer('', machine)).toBe('/new');
    expect(did).toEqual([]);
  });

  it('is else one of the machine that is still mended, without the network', async () => {
    const { machine, did } = machineWith({ files: ['/broken', '/debian', '/edge'] });
    expect(await findNatsServer('', machine)).toBe('/edge');
    expect(did).not.toContain('fetch');
  });

  it('is fetched when the machine has only an old one', async () => {
    const { machine, said } = machineWith({ files: ['/debian'], fetches: '/new' });
    expect(await findNatsServer('', machine)).toBe('/new');
    expect(said).toEqual([]);
  });
});

describe('without a network', () => {
  it('the newest of the machine is used, with one line of why and one of warning', async () => {
    const { machine, did, said } = machineWith({ files: ['/debian', '/middle'] });
    expect(await findNatsServer('', machine)).toBe('/middle');
    expect(said).toEqual([
      'the newest nats-server was not fetched: no network',
      expect.stringContaining('nats-server 2.11.3 is older than 2.12'),
    ]);
    expect(did).not.toContain('install');
  });

  it('the one that was fetched for an earlier version is used', async () => {
    const { machine } = machineWith({ files: ['/debian'], before: '/edge' });
    expect(await findNatsServer('', machine)).toBe('/edge');
  });

  it('the package of the system is used when there is none at all', async () => {
    const { machine, said } = machineWith({ installs: ['/debian'] });
    expect(await findNatsServer('', machine)).toBe('/debian');
    expect(said.at(-1)).toContain('2.9 also forgets confirmed acks');
  });

  it('it is one sentence when nothing can be had', async () => {
    const { machine } = machineWith({ files: ['/ancient'] });
    await expect(findNatsServer('', machine)).rejects.toMatchObject({
      message:
        'There is no nats-server on this machine, and none could be fetched or installed: apt said no',
      whatToDo: expect.stringContaining('SKYNET_NATS_SERVER'),
    });
  });
});

describe('an old nats-server to test with', () => {
  it('is the one of the machine', () => {
    const { machine, did } = machineWith({ files: ['/new', '/debian'] });
    expect(findOldNatsServer('', machine)).toEqual({ file: '/debian', version: [2, 9, 10] });
    expect(did).not.toContain('install');
  });

  it('is else that of the system’s packages, or none', () => {
    expect(findOldNatsServer('', machineWith({ installs: ['/debian'] }).machine)?.file).toBe(
      '/debian',
    );
    expect(findOldNatsServer('', machineWith({ files: ['/new'] }).machine)).toBeUndefined();
  });
});
