import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readManifests } from './architecture/manifests.js';
import { runtimeDependencies } from './pins/find-loose-pins.js';

interface Sbom {
  readonly bomFormat: string;
  readonly serialNumber: string;
  readonly components: readonly {
    readonly 'bom-ref': string;
    readonly name: string;
    readonly scope: string;
    readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const root = resolve(import.meta.dirname, '../..');
const print = () => execFileSync(process.execPath, [join(root, 'tools/lock/sbom.mjs')], OUTPUT);
const OUTPUT = { encoding: 'utf8', maxBuffer: 64 * 1_024 * 1_024 } as const;
const sbom = JSON.parse(print()) as Sbom;

describe('npm run sbom', () => {
  it('names all that the services depend on, and nothing of development', () => {
    expect(sbom.bomFormat).toBe('CycloneDX');
    const names = sbom.components.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([...runtimeDependencies(readManifests(root)).keys()]),
    );
    for (const name of ['jest', 'nx', 'typescript', 'eslint']) expect(names).not.toContain(name);
  });

  it('has the hash of each', () => {
    const required = sbom.components.filter(({ scope }) => scope === 'required');
    for (const { name, hashes = [] } of required)
      expect([name, hashes[0]?.content]).toEqual([name, expect.stringMatching(/^[0-9a-f]{40,}$/)]);
  });

  it('says what each depends on, all of it among the components', () => {
    const refs = new Set(sbom.components.map((component) => component['bom-ref']));
    const used = sbom.dependencies.flatMap(({ dependsOn }) => dependsOn);
    expect(used.length).toBeGreaterThan(refs.size);
    expect(used.filter((ref) => !refs.has(ref))).toEqual([]);
  });

  it('is the same for the same lock', () => {
    expect(JSON.parse(print())).toEqual(sbom);
    expect(sbom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });
});
