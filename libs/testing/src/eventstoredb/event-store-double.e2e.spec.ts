import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jsonEvent, KurrentDBClient } from '@kurrent/kurrentdb-client';

const program = join(import.meta.dirname, '../../dist/eventstoredb/main.js');
const closing: (() => unknown)[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-double-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(folder, { recursive: true });
});

/** The process, its connection string, and a client of it. */
async function started(): Promise<{ child: ChildProcess; client: KurrentDBClient }> {
  const args = [program, '--port', '0', '--data', join(folder, 'log.jsonl')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  closing.push(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const address = `${line.toString().trim()}&discoveryInterval=20`;
  const client = KurrentDBClient.connectionString(address);
  closing.push(() => client.dispose());
  return { child, client };
}

describe('the double as a process', () => {
  it('loses nothing that it answered when it is killed', async () => {
    const { child, client } = await started();
    const answered = new Set<string>();
    const write = async (writer: number) => {
      for (let count = 0; ; count += 1) {
        const stream = `agent-${writer}x${count}`;
        const note = jsonEvent({ type: 'NoteTaken', data: { stream } });
        await client.appendToStream(stream, note, { streamState: 'no_stream' });
        answered.add(stream);
        if (answered.size === 300) child.kill('SIGKILL');
      }
    };
    const ended = once(child, 'exit');
    for (let writer = 0; writer < 8; writer += 1) write(writer).catch(() => undefined);
    await ended;
    expect(answered.size).toBeGreaterThanOrEqual(300);
    const kept = new Set<unknown>();
    for await (const { event } of (await started()).client.readAll()) kept.add(event?.streamId);
    expect([...answered].filter((stream) => !kept.has(stream))).toEqual([]);
  });

  it('ends with SIGTERM', async () => {
    const { child } = await started();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
