import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { jsonEvent, KurrentDBClient, type AppendToStreamOptions } from '@kurrent/kurrentdb-client';
import { startEventStoreDouble, type EventStoreDoubleOptions } from './event-store-double.js';

const folder = mkdtempSync(join(tmpdir(), 'skynet-double-'));
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => rmSync(folder, { recursive: true }));

function clientOf(connectionString: string): KurrentDBClient {
  const client = KurrentDBClient.connectionString(`${connectionString}&discoveryInterval=20`);
  closing.push(() => client.dispose());
  return client;
}

async function started(options: EventStoreDoubleOptions = {}) {
  const double = await startEventStoreDouble(options);
  closing.push(() => double.stop());
  return { double, client: clientOf(double.connectionString) };
}

const note = (text: string) => jsonEvent({ type: 'NoteTaken', data: { text } });

async function textsIn(client: KurrentDBClient, stream: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const { event } of client.readStream<ReturnType<typeof note>>(stream)) {
    if (event) texts.push(event.data.text);
  }
  return texts;
}

describe.each([{ batchAppend: true }, { batchAppend: false }])('the double, %j,', (options) => {
  it('refuses an append that says nothing of its revision, as one under the old name does', async () => {
    const { client } = await started(options);
    const oldName = { expectedRevision: 0n } as AppendToStreamOptions;
    for (const wrong of [oldName, {}]) {
      await expect(client.appendToStream('agent-1', note('a'), wrong)).rejects.toThrow(
        'must say which revision',
      );
    }
    await expect(textsIn(client, 'agent-1')).rejects.toMatchObject({ type: 'stream-not-found' });
  });

  it('refuses an append at another revision, and names the right one', async () => {
    const { client } = await started(options);
    await client.appendToStream('agent-1', note('a'), { streamState: 'no_stream' });
    const late = client.appendToStream('agent-1', note('b'), { streamState: 'no_stream' });
    await expect(late).rejects.toMatchObject({ type: 'wrong-expected-version', actualState: 0n });
    const early = client.appendToStream('agent-2', note('b'), { streamState: 7n });
    await expect(early).rejects.toMatchObject({ expectedState: 7n, actualState: 'no_stream' });
  });

  it('answers a repeated append as the first one', async () => {
    const { client } = await started(options);
    const event = note('a');
    const first = await client.appendToStream('agent-1', event, { streamState: 'no_stream' });
    await client.appendToStream('agent-1', note('b'), { streamState: 0n });
    const again = await client.appendToStream('agent-1', event, { streamState: 'no_stream' });
    expect(again).toEqual(first);
  });
});

describe('what the double has served', () => {
  it('is each event that was recorded, delivered to each subscription, or read', async () => {
    const { double, client } = await started();
    const append = (text: string, streamState: 'no_stream' | bigint) =>
      client.appendToStream('agent-1', note(text), { streamState });
    await append('a', 'no_stream');
    const subscriptions = [client.subscribeToAll(), client.subscribeToAll()];
    const heard = subscriptions.map(async (subscription) => {
      for await (const { event } of subscription) if (event?.revision === 1n) return;
    });
    await append('b', 0n);
    await Promise.all(heard);
    await textsIn(client, 'agent-1');
    expect(double.served).toEqual({ recorded: 2, delivered: 4, answered: 2 });
  });
});

describe('a call that the protocol lacks', () => {
  async function answerTo(path: string, message: Uint8Array): Promise<ServiceError> {
    const { double } = await started();
    const raw = new Client(`127.0.0.1:${double.port}`, credentials.createInsecure());
    closing.push(() => raw.close());
    return new Promise((resolve, reject) => {
      const pass = (bytes: Buffer) => bytes;
      raw.makeUnaryRequest(path, pass, pass, Buffer.from(message), (error) => {
        if (error) resolve(error);
        else reject(new Error('the call was taken'));
      });
    });
  }

  it('is refused by its name', async () => {
    const error = await answerTo('/event_store.client.streams.Streams/Forget', new Uint8Array());
    expect(error.details).toContain('Forget');
  });

  it('is refused for a field', async () => {
    const fieldNumber99 = Uint8Array.of(0x98, 0x06, 0x01);
    const path = '/event_store.client.server_features.ServerFeatures/GetSupportedMethods';
    expect((await answerTo(path, fieldNumber99)).details).toContain('deserializing');
  });
});

describe('a double with a file', () => {
  it('goes on with what the file holds, without a last line that was cut off', async () => {
    const file = join(folder, 'cut.jsonl');
    const first = await started({ file });
    await first.client.appendToStream('agent-1', [note('a'), note('b')], {
      streamState: 'no_stream',
    });
    const before = readFileSync(file, 'utf8');
    first.double.stop();
    appendFileSync(file, '{"stream":"agent-1","eve');
    const next = await started({ file });
    expect(readFileSync(file, 'utf8')).toBe(before);
    await next.client.appendToStream('agent-1', note('c'), { streamState: 1n });
    expect(await textsIn(next.client, 'agent-1')).toEqual(['a', 'b', 'c']);
  });
});
