import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AgentId, QueryAnswer } from '@skynet/contracts';
import { hashOf } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { RuntimeWorld } from '../testing/runtime-world.js';
import { runArchiveProgram } from './archive-program.js';
import { readArchive } from './read-archive.js';
import { writeArchive } from './write-archive.js';

let world: RuntimeWorld;
let folder: string;
let file: string;
let rootId: AgentId;
let archive: string;

beforeAll(async () => {
  world = await RuntimeWorld.create(new ManualClock());
  await world.start();
  folder = mkdtempSync(join(tmpdir(), 'skynet-spec-'));
  file = join(folder, 'tree.ndjson');
  rootId = await world.spawn({
    description: '{"depth":2,"fanOut":2}',
    task: {
      description: '{"depth":2,"fanOut":2}',
      context: 'a long context, '.repeat(1_000),
    },
    model: { id: 'scripted:tree' },
    name: 'a tree',
  });
  await world.ended(rootId);
  archive = await writeArchive(world, { tenant: 'acme', rootId });
  writeFileSync(file, archive);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await world.stop();
});

async function ask<Answer>(query: string, request: object = {}): Promise<Answer> {
  const question = Readable.from([JSON.stringify({ query, request })]);
  const { answer } = JSON.parse(await runArchiveProgram(['ask', file], question)) as {
    answer: Answer;
  };
  return answer;
}

const linesOf = (text: string) => text.trimEnd().split('\n');

describe('an exported tree', () => {
  it('says what is in it', async () => {
    const header: unknown = JSON.parse(await runArchiveProgram(['check', file], Readable.from([])));
    expect(header).toMatchObject({ version: 1, rootId, tenant: 'acme', agents: 3, payloads: 2 });
  });

  it('is verified from the file alone, as on the system that it came from', async () => {
    const { verification } = await ask<QueryAnswer<'verify'>>('verify');
    const there = await world.ask('verify', { tenant: 'acme', agentId: rootId });
    expect(verification).toEqual(there.verification);
    expect(verification).toMatchObject({ agents: 3, requests: { unchecked: 0 } });
    expect(verification).not.toHaveProperty('divergence');
  });

  it('shows states, trees and events like the system that it came from', async () => {
    const { state } = await ask<QueryAnswer<'replay'>>('replay', { at: 5 });
    expect(state).toMatchObject({ agentId: rootId, at: 5, status: 'running' });
    const { rows } = await ask<QueryAnswer<'treeAt'>>('treeAt');
    expect(rows.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
    const { events } = await ask<QueryAnswer<'events'>>('events', { from: 0, limit: 1_000 });
    expect(events.map(({ type }) => type)).toEqual(world.typesOf(rootId));
  });

  it('says what an evaluation needs of it', async () => {
    const answer = JSON.parse(await runArchiveProgram(['case', file], Readable.from([]))) as object;
    const there = await world.ask('verify', { tenant: 'acme', agentId: rootId });
    expect(answer).toEqual({
      rootId,
      name: 'a tree',
      status: 'completed',
      live: 0,
      output: '{"leaves":2,"agents":3}',
      agent: {
        task: {
          description: '{"depth":2,"fanOut":2}',
          context: 'a long context, '.repeat(1_000),
        },
        model: { id: 'scripted:tree' },
      },
      verification: there.verification,
    });
  });

  it('is the same tree when what was read is packed again', async () => {
    const { header, commits, payloads } = readArchive(archive);
    const { tenant } = header;
    const given = { tenant, rootId, commits, payloads: [...payloads.values()] };
    const packed = await runArchiveProgram(['pack'], Readable.from([JSON.stringify(given)]));
    const again = readArchive(packed);
    expect(hashOf(again.commits)).toBe(hashOf(commits));
    expect([...again.payloads.keys()]).toEqual([...payloads.keys()]);
  });
});

describe('an archive that is not as it was written', () => {
  const changed = (change: (lines: string[]) => string[]) =>
    `${change(linesOf(archive)).join('\n')}\n`;
  const inLine = (number: number, from: RegExp, to: string) =>
    changed((lines) => lines.with(number - 1, (lines[number - 1] ?? '').replace(from, to)));

  it('is refused when it is cut off', () => {
    expect(() => readArchive(changed((lines) => lines.slice(0, -1)))).toThrow('cut off');
    expect(() => readArchive(archive.slice(0, archive.length / 2))).toThrow('cut off');
  });

  it.each([3, 5, 6])('is refused when line %i was altered, by its number', (number) => {
    const altered = inLine(number, /"timeMs":1/, '"timeMs":2');
    expect(altered).not.toBe(archive);
    expect(() => readArchive(altered)).toThrow(`Line ${number} was altered`);
  });

  it('is refused when a payload was altered', () => {
    expect(() => readArchive(inLine(2, /a long context/, 'a short context'))).toThrow(
      'Line 2 was altered',
    );
  });

  it('is refused when a line is no JSON', () => {
    expect(() => readArchive(inLine(3, /^\{/, ''))).toThrow('Line 3 is damaged');
  });

  it('is refused when a line is gone, or lines changed places', () => {
    expect(() => readArchive(changed((lines) => lines.toSpliced(4, 1)))).toThrow('commits');
    expect(() =>
      readArchive(changed((lines) => lines.with(4, lines[5] ?? '').with(5, lines[4] ?? ''))),
    ).toThrow('altered');
  });

  it('is refused when it has another version, with both numbers', () => {
    expect(() => readArchive(inLine(1, /"version":1/, '"version":2'))).toThrow(
      'The archive has version 2; this program reads version 1.',
    );
  });

  it('is refused when it is something else', () => {
    expect(() => readArchive('hello\n')).toThrow('no archive');
    expect(() => readArchive('')).toThrow('no archive');
  });
});
