import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkArchitecture } from './architecture/check-architecture.js';
import { readManifests } from './architecture/manifests.js';
import { exceptions } from './exceptions.js';
import { house } from './house.js';

const root = resolve(import.meta.dirname, '../..');
const { sources, findings } = checkArchitecture(root, readManifests(root));
const key = (file: string, check: string) => `${file}: architecture/${check}`;
const excused = new Set(exceptions.map(({ file, rule }) => `${file}: ${rule}`));

describe('the architecture of this tree', () => {
  const checks = ['imports', 'purity', 'cycles', 'folders', 'layout', 'opt-outs', 'manifests'];

  it.each([...checks, 'doors'])('has sound %s', (each) => {
    const unexcused = findings.filter(({ file, check }) => !excused.has(key(file, check)));
    expect(unexcused.filter(({ check }) => check === each)).toEqual([]);
  });

  it('needs each of its exceptions', () => {
    const found = new Set(findings.map(({ file, check }) => key(file, check)));
    const unneeded = [...excused].filter(
      (each) => each.includes(': architecture/') && !found.has(each),
    );
    expect(unneeded).toEqual([]);
  });

  it.each(house)('was looked at in $folder', ({ folder }) => {
    expect(sources.filter(({ file }) => file.startsWith(`${folder}/`)).length).toBeGreaterThan(0);
  });

  it('has the folders that its table tells apart', () => {
    const named = house.flatMap(({ folder, apart = {} }) =>
      [...Object.keys(apart), ...Object.values(apart).flat()].map(
        (name) => `${folder}/src/${name}/`,
      ),
    );
    const missing = named.filter((name) => !sources.some(({ file }) => file.startsWith(name)));
    expect(missing).toEqual([]);
  });
});
