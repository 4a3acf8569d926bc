import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { auditEntrySchema, type AuditEntry } from '@skynet/contracts';
import { silentLogger as log } from '@skynet/platform';
import { connectNats, createNkey, type NatsLink } from '@skynet/platform/nats';
import { startNatsServer, type NatsServer } from '@skynet/testing';
import { Trouble } from '../ending/trouble.js';
import { recorded } from './operator-acts.js';
import { operatorName } from './operator-name.js';

let server: NatsServer;
let folder: string;
let link: NatsLink;
let told: AuditEntry[];
const notes: string[] = [];

beforeEach(async () => {
  server = await startNatsServer();
  folder = await mkdtemp(join(tmpdir(), 'skynet-acts-'));
  await writeFile(join(folder, 'key'), createNkey().seed.reveal());
  link = await connectNats({ url: server.url, name: 'test', log });
  told = [];
  notes.length = 0;
  link.connection.subscribe('audit.operator', {
    callback: (_error, message) => void told.push(auditEntrySchema.parse(message.json())),
  });
  await link.connection.flush();
});
afterEach(async () => {
  await link.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

function during<Result>(work: () => Promise<Result>, url = server.url): Promise<Result> {
  const connection = { nats: url, natsKeyFile: join(folder, 'key') };
  const around = { connection, environment: {}, note: (line: string) => void notes.push(line) };
  return recorded(around, { what: 'copy', details: { to: 'eventstoredb' } }, work);
}

const outcomes = () =>
  told.map(({ outcome, reason }) => [outcome, reason].filter(Boolean).join(' '));

describe('what an operator does', () => {
  it('is told before it is done, of a system in which no service has run yet too', async () => {
    const before = await during(async () => {
      await link.connection.flush();
      return outcomes();
    });
    expect(before).toEqual(['allowed']);
    expect(told).toMatchObject([
      {
        act: 'operate',
        principal: `operator:${operatorName()}`,
        target: { kind: 'store', id: 'log' },
        details: { what: 'copy', to: 'eventstoredb' },
      },
    ]);
    expect(notes).toEqual([]);
  });

  it.each([
    [new Trouble('The stores are not empty.'), 'failed The stores are not empty.'],
    [new TypeError('canary'), 'failed TypeError'],
  ])('is told again when it fails, in words of ours: %s', async (error, line) => {
    await expect(during(() => Promise.reject(error))).rejects.toThrow(error);
    await link.connection.flush();
    expect(outcomes()).toEqual(['allowed', line]);
  });

  it('is done all the same, and that is said, when nothing takes the record', async () => {
    const bare = await startNatsServer({ maxStoreBytes: 1_024 });
    try {
      expect(await during(() => Promise.resolve('done'), bare.url)).toBe('done');
      expect(notes).toEqual(['this is not in the audit log: its stream took nothing']);
    } finally {
      await bare.stop();
    }
  });
});
