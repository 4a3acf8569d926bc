import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadRegistry } from '../registry/registry-file.js';
import { checkRegistry } from './registry-check.js';

const example = resolve(import.meta.dirname, '../../../../registry.example.json');
let folder: string;
let copy: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-example-'));
  copy = join(folder, 'registry.json');
  copyFileSync(example, copy);
  mkdirSync(join(folder, 'bin'));
  // Nothing but npm.
  writeFileSync(join(folder, 'bin/npx'), '#!/bin/sh\n');
  chmodSync(join(folder, 'bin/npx'), 0o755);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('the registry to be copied', () => {
  it('has nothing that is refused where there is only npm', async () => {
    const report = await checkRegistry(copy, { environment: { PATH: join(folder, 'bin') } });
    expect(report).toMatchObject({ findings: [], servers: 4, templates: 1 });
  });

  it('names the exact version of each server', () => {
    const { servers } = loadRegistry(copy, { environment: {} });
    expect(Object.keys(servers)).toEqual(['filesystem', 'fetch', 'git', 'memory']);
    for (const entry of Object.values(servers)) {
      const program = entry.transport === 'stdio' ? entry.args[1] : '';
      expect(program).toMatch(/[^@]@\d+\.\d+\.\d+$/);
    }
  });
});
