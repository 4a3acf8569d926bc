import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { runCli, startUp, until, type RunningUp } from '../testing/running-cli.js';

jest.setTimeout(60_000);

const TASK = 'a task that nobody may read in the trail';

interface Shown {
  readonly seq: number;
  readonly act: string;
  readonly outcome: string;
  readonly principal?: string;
  readonly target?: { readonly kind: string; readonly id: string };
  readonly reason?: string;
}

let up: RunningUp;
let agentId: string;

const cli = (...args: string[]) => runCli(args, { dataFolder: up.dataDir });
const file = (name: string) => join(up.dataDir, name);

async function records(...args: string[]): Promise<Shown[]> {
  const { stdout } = await cli('audit', 'ls', '--json', ...args);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Shown);
}

beforeAll(async () => {
  up = await startUp('--ephemeral');
  const spawned = await cli('spawn', TASK, '--json');
  ({ agentId } = JSON.parse(spawned.stdout.split('\n')[0] ?? '') as { agentId: string });
  const refused = await fetch(up.mcp, { method: 'POST', headers: { authorization: 'Bearer x' } });
  expect(refused.status).toBe(401);
  expect((await cli('users', 'add', 'bob', '--roles', 'viewer')).code).toBe(0);
  // What is told is recorded a moment later, in the order in which it was told.
  await until(async () => (await records('--act', 'add-user')).length > 0);
});
afterAll(() => up.stop());

describe('the audit trail of a stack', () => {
  it('has what people did, and no word of their tasks', async () => {
    const target = { kind: 'agent', id: agentId };
    expect(await records('--target', agentId)).toEqual([
      expect.objectContaining({ act: 'spawn_agent', outcome: 'allowed', target }),
    ]);
    const added = await records('--act', 'add-user', '--target', 'bob');
    expect(added).toMatchObject([{ outcome: 'allowed', target: { kind: 'user', id: 'bob' } }]);
    const { stdout } = await cli('audit', 'ls', '--all', '--last', '1000', '--json');
    expect(stdout).not.toContain(TASK);
  });

  it('has callers that nobody knows, for the operator', async () => {
    const refused = { act: 'access', outcome: 'refused' };
    await until(async () => (await records('--all', '--act', 'access')).length > 0);
    expect(await records('--all', '--act', 'access')).toContainEqual(
      expect.objectContaining(refused),
    );
    expect(await records('--act', 'access')).toEqual([]);
  });

  it('shows one record', async () => {
    const [{ seq } = { seq: -1 }] = await records('--target', agentId);
    const shown = await cli('audit', 'show', String(seq));
    expect(shown.stdout).toContain(`agent ${agentId}`);
    const table = await cli('audit', 'ls');
    expect(table.stdout).toContain('spawn_agent');
    expect(await cli('audit', 'show', '999999')).toMatchObject({ code: 1 });
    expect(await cli('audit', 'show', 'x')).toMatchObject({ code: 2 });
    expect(await cli('audit', 'ls', '--outcome', 'x')).toMatchObject({ code: 2 });
  });

  it('is verified where nothing of the stack is but its public keys', async () => {
    await writeFile(file('keys.json'), (await cli('audit', 'keys')).stdout);
    expect(await cli('audit', 'export', file('trail.jsonl'))).toMatchObject({ code: 0 });
    expect(await cli('audit', 'export', file('trail.jsonl'))).toMatchObject({ code: 1 });
    const verify = (name: string, ...more: string[]) =>
      runCli(['audit', 'verify', file(name), '--keys', file('keys.json'), ...more]);
    const sound = await verify('trail.jsonl');
    expect([sound.code, sound.stdout]).toEqual([0, expect.stringContaining('sound')]);

    const lines = (await readFile(file('trail.jsonl'), 'utf8')).trimEnd().split('\n');
    const of = (seq: number) =>
      lines.findIndex((line) => line.startsWith(`{"record":{"seq":${seq},`));
    const altered = lines.with(of(1), (lines[of(1)] ?? '').replace('"outcome":"', '"outcome": "'));
    await writeFile(file('altered.jsonl'), altered.join('\n'));
    const found = await verify('altered.jsonl', '--json');
    expect(found.code).toBe(6);
    expect(JSON.parse(found.stdout)).toMatchObject({ fault: { seq: 1, kind: 'altered' } });

    await writeFile(file('cut.jsonl'), lines.slice(0, of(1)).join('\n'));
    const cut = await verify('cut.jsonl');
    expect([cut.code, cut.stdout]).toEqual([6, expect.stringContaining('cut at record 1')]);

    const kept = join(up.dataDir, 'auth', 'audit-checkpoints.jsonl');
    // Of the second export: what the first wrote ends before it.
    const later = ['--all', '--act', 'operate', '--outcome', 'failed'];
    await until(async () => (await records(...later)).length > 0);
    expect(await cli('audit', 'export', file('newer.jsonl'))).toMatchObject({ code: 0 });
    const old = await verify('trail.jsonl', '--checkpoints', kept);
    expect([old.code, old.stdout]).toEqual([6, expect.stringContaining('the file ends with')]);
    expect(await verify('newer.jsonl', '--checkpoints', kept)).toMatchObject({ code: 0 });
    expect(await runCli(['audit', 'verify', file('trail.jsonl')])).toMatchObject({ code: 2 });
    const trail = ['audit', 'verify', file('trail.jsonl'), '--keys'];
    expect(await runCli([...trail, file('trail.jsonl')])).toMatchObject({ code: 2 });
    expect(await runCli([...trail, file('nothing')])).toMatchObject({ code: 1 });
    expect(await cli('audit', 'verify')).toMatchObject({ code: 0 });
  });
});
