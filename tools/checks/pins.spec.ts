import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { readManifests, type Manifest } from './architecture/manifests.js';
import { findLockFlaws, withInstallScript, type Lock } from './pins/find-lock-flaws.js';
import { findLoosePins, runtimeDependencies } from './pins/find-loose-pins.js';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const manifests = readManifests(root);
const lock = JSON.parse(read('package-lock.json')) as Lock;
const withoutHash = JSON.parse(read('tools/lock/without-hash.json')) as string[];

/** Name and folders of each line of the table. */
function documented(): Map<string, string[]> {
  const rows = read('docs/dependencies.md').matchAll(/^\| (\S+) \| ([^|]+) \| [^|]+ \|$/gm);
  const places = [...rows].map(
    ([, name, where]) => [name ?? '', (where ?? '').split(', ')] as const,
  );
  return new Map(places.filter(([name]) => name !== 'name'));
}

function manifest(dependencies: Record<string, string>): Manifest {
  return { name: 'x', dependencies };
}

describe('the dependencies of this tree', () => {
  it('are exact versions, one per package', () => {
    expect(manifests.size).toBeGreaterThan(10);
    expect(findLoosePins(manifests)).toEqual([]);
  });

  it('are all documented, where they are used, and no other is', () => {
    expect(Object.fromEntries(documented())).toEqual(
      Object.fromEntries(runtimeDependencies(manifests)),
    );
  });

  it('install the same everywhere', () => {
    expect(findLockFlaws(lock, withoutHash)).toEqual([]);
  });

  it('have their hash, but for those of other platforms that are listed, and no longer list', () => {
    const bare = Object.entries(lock.packages).filter(
      ([place, { integrity, link }]) => place.includes('node_modules/') && !link && !integrity,
    );
    expect(bare.map(([place]) => place.slice('node_modules/'.length)).toSorted()).toEqual(
      withoutHash,
    );
  });

  it('run nothing when they are installed, but for those that are named', async () => {
    const { installScripts } = (await import(
      pathToFileURL(join(root, 'tools/bootstrap/install-scripts.mjs')).href
    )) as { installScripts: Readonly<Record<string, unknown>> };
    expect(withInstallScript(lock)).toEqual(Object.keys(installScripts).toSorted());
    expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
    for (const file of [
      'Dockerfile',
      'docs/operations/upgrade.md',
      'tools/bootstrap/dependencies.mjs',
    ])
      for (const line of read(file).match(/.*(?:&& npm ci |RUN npm ci |'npm', \['ci').*/g) ?? [])
        expect([file, line]).toEqual([file, expect.stringContaining('--ignore-scripts')]);
  });
});

describe('a package.json', () => {
  it.each(['^1.0.0', '~1.0.0', '1.x', '*', 'latest', '>=1.0.0', 'file:../x', 'github:x/y'])(
    'pins no version as %s',
    (version) => {
      expect(findLoosePins(new Map([['a', manifest({ zod: version })]]))).toHaveLength(1);
    },
  );

  it('has the version that the others have', () => {
    const two = new Map([
      ['a', manifest({ zod: '1.0.0' })],
      ['b', manifest({ zod: '1.0.1' })],
    ]);
    expect(findLoosePins(two)).toEqual(['b: zod 1.0.1, but 1.0.0 in a']);
  });
});

describe('a package-lock.json', () => {
  it.each([
    ['a download address', { resolved: 'https://registry.invalid/x.tgz', integrity: 'sha512-x' }],
    ['no hash', {}],
    ['no hash of an optional package that nobody listed', { optional: true, os: ['win32'] }],
    [
      'an optional package that is not locked',
      {
        integrity: 'sha512-x',
        optionalDependencies: { 'x-darwin-arm64': '1.0.0' },
      },
    ],
  ])('is refused with %s', (_, locked) => {
    expect(findLockFlaws({ packages: { 'node_modules/x': locked } })).toHaveLength(1);
  });

  it('may link to a project of the workspace', () => {
    const packages = { 'node_modules/@skynet/kernel': { resolved: 'libs/kernel', link: true } };
    expect(findLockFlaws({ packages })).toEqual([]);
  });
});
