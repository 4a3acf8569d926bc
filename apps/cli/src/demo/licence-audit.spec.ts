import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { REPOSITORY } from '../stack/repository.js';
import { ScriptedAudit } from '../testing/scripted-audit.js';
import { AUDIT_FOLDER } from './audit-registry.js';

const APACHE = '   Apache License\n   Version 2.0, January 2004\n';

function project(manifest: object, packages: Readonly<Record<string, object>> = {}) {
  const files: Record<string, string> = { '/p/package.json': JSON.stringify(manifest) };
  for (const [name, content] of Object.entries(packages)) {
    files[`/p/node_modules/${name}/package.json`] = JSON.stringify({
      name,
      version: '1.0.0',
      ...content,
    });
  }
  return files;
}

async function audited(files: Readonly<Record<string, string>>) {
  const audit = new ScriptedAudit('/p', files);
  const outcome = await audit.run();
  if ('failure' in outcome) throw new Error(outcome.failure);
  const answer = JSON.parse(outcome.output) as {
    packages: { name: string; license: string | null; version: string; file: string | null }[];
    failures: { task: string; reason: string }[];
  };
  return { ...answer, audit };
}

function licences(packages: Awaited<ReturnType<typeof audited>>['packages']) {
  return Object.fromEntries(packages.map(({ name, license }) => [name, license]));
}

describe('the licence of a package', () => {
  it('is what its package.json declares, in new ways and old', async () => {
    const dependencies = { a: '1', b: '1', c: '1', d: '1' };
    const { packages } = await audited(
      project(
        { dependencies },
        {
          a: { license: '(MIT OR Apache-2.0)' },
          b: { license: { type: 'ISC' } },
          c: { licenses: [{ type: 'BSD-3-Clause' }] },
          d: { license: 'UNLICENSED' },
        },
      ),
    );
    expect(licences(packages)).toEqual({
      a: '(MIT OR Apache-2.0)',
      b: 'ISC',
      c: 'BSD-3-Clause',
      d: null,
    });
  });

  it('is that of its licence file when package.json does not say', async () => {
    const files = project(
      { dependencies: { a: '1', b: '1', c: '1' } },
      { a: {}, b: { license: 'SEE LICENSE IN LICENCE.txt' }, c: { license: 'SEE LICENSE IN X' } },
    );
    files['/p/node_modules/a/LICENSE'] = APACHE;
    files['/p/node_modules/a/README.md'] = 'licence';
    files['/p/node_modules/b/LICENCE.txt'] = 'Permission is hereby granted, free of charge, to';
    const { packages } = await audited(files);
    expect(packages.map(({ license, file }) => [license, file])).toEqual([
      ['Apache-2.0', 'LICENSE'],
      ['MIT', 'LICENCE.txt'],
      [null, null],
    ]);
  });

  it('is that of the nearest version when a workspace has its own', async () => {
    const files = project(
      { name: 'p', workspaces: ['libs/*', 'app'], dependencies: {} },
      { a: { version: '1.0.0', license: 'MIT' } },
    );
    const dependencies = { a: '2', one: '1' };
    files['/p/libs/one/package.json'] = JSON.stringify({ name: 'one', dependencies });
    files['/p/app/package.json'] = JSON.stringify({ name: 'app', devDependencies: { one: '1' } });
    files['/p/libs/one/node_modules/a/package.json'] = '{"version":"2.0.0","license":"ISC"}';
    const { packages, failures } = await audited(files);
    expect(packages).toEqual([{ name: 'a', version: '2.0.0', license: 'ISC', file: null }]);
    // The workspaces themselves are no dependencies.
    expect(failures).toEqual([]);
  });
});

describe('a package that can not be read', () => {
  it('is a failure of its agent, and does not touch the others', async () => {
    const { packages, failures } = await audited(
      project({ dependencies: { gone: '1', here: '1' } }, { here: { license: 'MIT' } }),
    );
    expect(licences(packages)).toEqual({ here: 'MIT' });
    expect(failures).toEqual([
      {
        task: 'Audit gone',
        reason: "gone can't be read: ENOENT: /p/node_modules/gone/package.json",
      },
    ]);
  });
});

describe('a project', () => {
  it('of many packages is divided among ten groups at most', async () => {
    const names = Array.from({ length: 95 }, (_, index) => `package-${index}`);
    const { packages, audit } = await audited(
      project(
        { dependencies: Object.fromEntries(names.map((name) => [name, '1'])) },
        Object.fromEntries(names.map((name) => [name, { license: 'MIT' }])),
      ),
    );
    expect(packages.map(({ name }) => name)).toEqual(names.toSorted());
    expect(audit.count('licence-group')).toBe(10);
    expect(audit.count('licence-package')).toBe(95);
  });

  it('is never left: no agent asks for a file outside', async () => {
    const { audit } = await audited(project({ dependencies: { a: '1' } }, { a: {} }));
    expect(audit.asked.every((path) => path.startsWith('/p/'))).toBe(true);
  });

  it.each([
    ['without package.json', {}, 'ENOENT: /p/package.json'],
    ['without dependencies', { '/p/package.json': '{}' }, 'the project has no dependencies'],
  ])('%s fails the audit', async (_what, files: Record<string, string>, message) => {
    expect(await new ScriptedAudit('/p', files).run()).toEqual({ failure: message });
  });
});

describe('the scripted models of the audit', () => {
  it('reach the world through their tools only: they import nothing but one another', async () => {
    const files = (await readdir(AUDIT_FOLDER)).filter((name) => name.endsWith('.mjs'));
    expect(files).toHaveLength(4);
    for (const file of files) {
      const text = await readFile(join(AUDIT_FOLDER, file), 'utf8');
      const imported = [...text.matchAll(/^(?:import|} from) [^']*'([^']+)'|import\(/gm)];
      const allowed = file === 'conversation.mjs' ? [] : ['./conversation.mjs'];
      expect(imported.map(([, name]) => name)).toEqual(allowed);
      expect(text).not.toMatch(/\b(process|globalThis|fetch|require)\b[.(]/);
    }
  });

  it('have right types', async () => {
    const compiler = join(REPOSITORY, 'node_modules/typescript/bin/tsc');
    const checked = promisify(execFile)(process.execPath, [compiler, '-p', AUDIT_FOLDER]);
    await expect(checked).resolves.toMatchObject({ stdout: '' });
  }, 30_000);
});
