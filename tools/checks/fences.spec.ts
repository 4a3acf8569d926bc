import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkArchitecture } from './architecture/check-architecture.js';
import { findLayout } from './architecture/layout.js';
import { readManifests } from './architecture/manifests.js';
import { sourceFile } from './architecture/source-tree.js';
import { exceptions, type Exception } from './exceptions.js';
import { house } from './house.js';
import type { Project } from './house-project.js';

const root = resolve(import.meta.dirname, '../..');
const fixtures = join(import.meta.dirname, 'fixtures');

interface LintReport {
  readonly found: Readonly<Record<string, readonly string[]>>;
  readonly unneeded: readonly Exception[];
}

const lint = JSON.parse(
  execFileSync('node', [join(import.meta.dirname, 'lint-fixtures.mjs')], {
    encoding: 'utf8',
    cwd: root,
  }),
) as LintReport;
const manifests = readManifests(root);
const architecture = checkArchitecture(fixtures, manifests);

function announced(file: string, by: 'lint' | 'architecture'): string[] {
  const text = readFileSync(join(fixtures, file), 'utf8');
  const [, names = ''] = new RegExp(`^// ${by}: (.*)$`, 'm').exec(text) ?? [];
  return names.split(', ').filter(Boolean).sort();
}

describe('a fixture, which says in its first lines what it breaks', () => {
  it.each(Object.keys(lint.found))('breaks for ESLint that and nothing else: %s', (file) => {
    const found = lint.found[file]?.filter((rule) => !rule.includes('noInlineConfig'));
    expect(found).toEqual(announced(file, 'lint'));
  });

  it.each(architecture.sources.map(({ file }) => file))(
    'breaks for the architecture check that and nothing else: %s',
    (file) => {
      const checks = architecture.findings
        .filter((finding) => finding.file === file)
        .map(({ check }) => check);
      expect([...new Set(checks)].sort()).toEqual(announced(file, 'architecture'));
    },
  );
});

describe('a folder', () => {
  const [project] = house as [Project];
  const files = (count: number, suffix: string) =>
    Array.from({ length: count }, (_, index) =>
      sourceFile(project, `crowd/file-${index}${suffix}`, ''),
    );

  it('holds fifteen files, and as many specs beside them', () => {
    expect(findLayout([...files(15, '.ts'), ...files(15, '.spec.ts')])).toEqual([]);
  });

  it('holds no sixteenth', () => {
    expect(findLayout(files(16, '.ts'))).toMatchObject([{ file: 'libs/kernel/src/crowd' }]);
  });
});

describe('a package.json', () => {
  it('names no package of ours that its project may not import', () => {
    const edge = { name: '@skynet/mcp-edge', dependencies: { '@skynet/domain-agents': '0.1.0' } };
    const broken = new Map(manifests).set('services/mcp-edge', edge);
    expect(checkArchitecture(fixtures, broken).findings).toContainEqual(
      expect.objectContaining({ file: 'services/mcp-edge/package.json', check: 'manifests' }),
    );
  });

  it('belongs to a project of the table', () => {
    const stranger = new Map(manifests).set('services/stranger', { name: '@skynet/stranger' });
    expect(checkArchitecture(fixtures, stranger).findings).toContainEqual(
      expect.objectContaining({ file: 'services/stranger/package.json', check: 'manifests' }),
    );
  });
});

describe('the list of exceptions', () => {
  it('only shrinks', () => {
    expect(exceptions.length).toBeLessThanOrEqual(0);
  });

  it('names no exception that is no longer needed', () => {
    expect(lint.unneeded).toEqual([]);
  });
});
