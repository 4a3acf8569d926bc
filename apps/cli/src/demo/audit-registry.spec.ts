import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeAuditRegistry } from './audit-registry.js';

interface Written {
  readonly models: Record<string, { module: string }>;
  readonly servers: { files: { command: string; args: string[]; cwd: string; restarts: number } };
  readonly templates: Record<string, { instructions: string; model: { id: string } }>;
}

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function written(model?: string): Promise<Written> {
  const file = await writeAuditRegistry(folder, { folder: '/project', model });
  return JSON.parse(await readFile(file, 'utf8')) as Written;
}

describe('the registry of one audit', () => {
  it('shows its agents one folder, through a server that stays dead when it dies', async () => {
    const { files } = (await written()).servers;
    const [program = '', ...folders] = files.args;
    expect([files.command, existsSync(program), folders]).toEqual([
      process.execPath,
      true,
      ['/project'],
    ]);
    expect(files.restarts).toBe(0);
    expect(existsSync(files.cwd)).toBe(true);
  });

  it('names its scripted models from anywhere', async () => {
    const modules = Object.values((await written()).models).map(({ module }) => module);
    expect(modules).toHaveLength(3);
    expect(modules.every((module) => isAbsolute(module) && existsSync(module))).toBe(true);
  });

  it('holds the instructions themselves', async () => {
    const { templates } = await written();
    for (const { instructions } of Object.values(templates)) {
      expect(instructions).toContain('Answer with JSON and nothing else');
    }
    expect(Object.values(templates).map(({ model }) => model.id)).toEqual([
      'scripted:licence-auditor',
      'scripted:licence-group',
      'scripted:licence-package',
    ]);
  });

  it('puts all agents on one model when that is asked for', async () => {
    const { templates } = await written('anthropic:some');
    const models = Object.values(templates).map(({ model }) => model.id);
    expect(models).toEqual(['anthropic:some', 'anthropic:some', 'anthropic:some']);
  });
});
