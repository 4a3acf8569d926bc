import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { retentionAnswerSchema, streamNames, type AgentId } from '@skynet/contracts';
import type { OperatorStores } from '@skynet/platform/operations';
import { eventually, startStackIn, type Stack, type StackClient } from '@skynet/testing';
import { runCli } from '../testing/running-cli.js';

const LIMIT_MS = 60_000;
const KEPT_SECONDS = 15;
const TREES = 24;
const TREE = { task: { description: '{"depth":3,"fanOut":3}' }, model: { id: 'scripted:tree' } };
const ECHO = { task: { description: 'hello' }, model: { id: 'scripted:echo' } };

let folder: string;
let archives: string;
let stack: Stack;
let client: StackClient;
let stores: OperatorStores;
let rootIds: AgentId[];
let agentIds: AgentId[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-retention-'));
  archives = join(folder, 'archives');
  const settings = {
    AGENT_RUNTIME_RETENTION_DAYS: String(KEPT_SECONDS / 86_400),
    AGENT_RUNTIME_RETENTION_ARCHIVE: archives,
  };
  stack = await startStackIn(settings);
  client = await stack.connect();
  stores = await stack.openStores();
}, 60_000);

afterAll(async () => {
  await stores.close();
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

const archived = () => {
  try {
    return readdirSync(archives).flatMap((tenant) =>
      readdirSync(join(archives, tenant))
        .filter((name) => name.endsWith('.ndjson'))
        .map((name) => join(archives, tenant, name)),
    );
  } catch {
    return [];
  }
};

async function listedTree(rootId: AgentId): Promise<AgentId[]> {
  const { agents } = await client.call('list_agents', { rootId, limit: 100 });
  return (agents as { agentId: AgentId }[]).map(({ agentId }) => agentId);
}

const lengthOf = async (agentId: AgentId) =>
  (await stores.eventStore.read(streamNames.agent(agentId))).length;

const cli = (...args: readonly string[]) => runCli([...args, '--data', stack.dataDir]);

describe('a runtime that is killed with -9 while it forgets trees', () => {
  beforeAll(async () => {
    const results = await Promise.all(Array.from({ length: TREES }, () => client.run(TREE)));
    rootIds = results.map(({ agentId }) => agentId as AgentId);
    agentIds = (await Promise.all(rootIds.map(listedTree))).flat();
    expect(agentIds).toHaveLength(TREES * 13);
    await client.run(ECHO);
    await eventually(() => expect(archived().length).toBeGreaterThan(2), LIMIT_MS);
    stack.kill('runtime');
  }, 120_000);

  it('forgets all of them as wholes when it is back, each in an archive that proves itself', async () => {
    // So that the log does not end in what is to go.
    await eventually(() => client.run(ECHO).then(() => undefined), LIMIT_MS);
    await eventually(async () => {
      const lengths = await Promise.all(agentIds.map(lengthOf));
      expect(lengths.filter((length) => length > 0)).toEqual([]);
    }, LIMIT_MS);
    const names = archived().map((file) => file.split('/').at(-1) ?? '');
    const named = rootIds.filter((rootId) => names.some((name) => name.startsWith(rootId)));
    expect(named).toHaveLength(TREES);
    const proved = await runCli(['replay', '--verify', '--file', archived()[0] ?? '']);
    expect([proved.code, proved.stdout]).toEqual([0, expect.stringContaining('same 13 agents')]);
  }, 150_000);

  it('knows them no more, and nothing else is missing', async () => {
    const [rootId = '' as AgentId] = rootIds;
    await expect(client.call('get_agent_status', { agentId: rootId })).rejects.toThrow('NOT_FOUND');
    await expect(client.call('get_agent_result', { agentId: rootId })).rejects.toThrow('NOT_FOUND');
    await expect(client.call('get_agent_events', { agentId: rootId })).rejects.toThrow('NOT_FOUND');
    await eventually(async () => expect(await listedTree(rootId)).toEqual([]), LIMIT_MS);
    expect(await client.run(ECHO)).toMatchObject({ status: 'completed' });
    const checked = await cli('views', 'check');
    expect([checked.code, checked.stdout]).toEqual([0, expect.stringContaining('0 different')]);
    expect((await cli('log', 'doctor')).code).toBe(0);
    const shown = await cli('log', 'retention', '--json');
    const answer = retentionAnswerSchema.parse(JSON.parse(shown.stdout));
    expect(answer).toMatchObject({ keptForMs: KEPT_SECONDS * 1_000, failing: 0 });
    expect(answer.trees).toBeLessThan(TREES);
  }, 120_000);
});
