import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { streamNames, type AgentId } from '@skynet/contracts';
import { eventually, ManualClock } from '@skynet/testing';
import { runArchiveProgram } from '../archive/archive-program.js';
import { readArchive } from '../archive/read-archive.js';
import { askedRetention, notedTrees } from '../testing/asked-retention.js';
import { RuntimeWorld } from '../testing/runtime-world.js';
import { endWorld } from '../testing/world-of-test.js';

const KEPT_MS = 60_000;
const TRY_AGAIN_MS = 600_000;
const TENANT = 'acme';

let world: RuntimeWorld;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-spec-'));
  world = await RuntimeWorld.create(new ManualClock());
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await endWorld(world);
});

/** A tree that is due, and something behind it in the log. */
async function dueTree(): Promise<AgentId> {
  const task = { description: '{"depth":2,"fanOut":2}', context: 'a long context, '.repeat(1_000) };
  const rootId = await world.spawn({ task, model: { id: 'scripted:tree' } });
  await world.ended(rootId);
  await world.ended(await world.spawn({ model: { id: 'scripted:echo' } }));
  await world.clock.advance(KEPT_MS);
  return rootId;
}

async function until(check: () => Promise<void> | void): Promise<void> {
  await eventually(async () => {
    await world.clock.advance(10_000);
    await check();
  });
}

const readRoot = (rootId: AgentId) => world.store.read(streamNames.agent(rootId));
const files = (path: string) => readdirSync(path);

describe('a tree that is archived before it is forgotten', () => {
  it('is whole in a file, which proves and shows what the log did', async () => {
    const archiveFolder = join(folder, 'archives');
    await world.start({ retention: { afterMs: KEPT_MS, archiveFolder } });
    const rootId = await dueTree();
    await until(async () => expect(await readRoot(rootId)).toEqual([]));
    const [name = '', ...more] = files(join(archiveFolder, TENANT));
    expect([name.startsWith(`${rootId}-`), more]).toEqual([true, []]);
    const file = join(archiveFolder, TENANT, name);
    expect(readArchive(readFileSync(file, 'utf8')).header).toMatchObject({ rootId, agents: 3 });
    const question = Readable.from([JSON.stringify({ query: 'verify', request: {} })]);
    const { answer } = JSON.parse(await runArchiveProgram(['ask', file], question)) as {
      answer: { verification: object };
    };
    expect(answer.verification).toMatchObject({ agents: 3, requests: { unchecked: 0 } });
    expect(answer.verification).not.toHaveProperty('divergence');
  });

  it('stays as long as it can not be archived', async () => {
    const archiveFolder = join(folder, 'archives');
    writeFileSync(archiveFolder, 'no folder');
    await world.start({ retention: { afterMs: KEPT_MS, archiveFolder } });
    const rootId = await dueTree();
    await until(async () => expect(await askedRetention(world)).toMatchObject({ failing: 1 }));
    expect(await readRoot(rootId)).not.toEqual([]);
    expect(await notedTrees(world)).toEqual([]);
    rmSync(archiveFolder);
    await world.clock.advance(TRY_AGAIN_MS);
    await until(async () => expect(await readRoot(rootId)).toEqual([]));
    expect(files(join(archiveFolder, TENANT))).toHaveLength(1);
    expect(await askedRetention(world)).toMatchObject({ failing: 0, forgotten: 1 });
  });
});
