import {
  BACKWARDS,
  END,
  jsonEvent,
  KurrentDBClient,
  StreamNotFoundError,
} from '@kurrent/kurrentdb-client';

/** Puts an event without any metadata of ours at the end of a stream, as another program on the same server may. */
export async function writeAsStranger(connectionString: string, stream: string): Promise<void> {
  const client = KurrentDBClient.connectionString(connectionString);
  try {
    const event = jsonEvent({ type: 'OrderPlaced', data: {} });
    const streamState = (await lastRevision(client, stream)) ?? 'no_stream';
    await client.appendToStream(stream, event, { streamState });
  } finally {
    await client.dispose();
  }
}

async function lastRevision(client: KurrentDBClient, stream: string): Promise<bigint | undefined> {
  try {
    const last = client.readStream(stream, {
      direction: BACKWARDS,
      fromRevision: END,
      maxCount: 1,
    });
    let revision: bigint | undefined;
    for await (const { event } of last) revision = event?.revision;
    return revision;
  } catch (error) {
    if (error instanceof StreamNotFoundError) return undefined;
    throw error;
  }
}
