import { JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';

const STREAM_NOT_FOUND = 10_059;

/** Place of the last message that a reader with these options would read, as the stream's leader has it; 0: none. */
export async function endOf(
  manager: JetStreamManager,
  { stream, filter }: { readonly stream: string; readonly filter?: string },
): Promise<number> {
  if (filter === undefined) {
    const { state } = await manager.streams.info(stream);
    return state.messages === 0 ? 0 : state.last_seq;
  }
  return (await manager.streams.getMessage(stream, { last_by_subj: filter }))?.seq ?? 0;
}

/** Where a delivered message stands, in its stream and among those of its consumer. */
// $JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>, or with domain and account
// hash before the stream and a random token at the end.
export function placeOf(reply: string) {
  const tokens = reply.split('.');
  const at = tokens.length > 9 ? 7 : 5;
  const [sequence = 0, delivered = 0] = tokens.slice(at, at + 2).map(Number);
  return { sequence, delivered };
}

/** Whether there is no such stream. */
export function isGone(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND;
}
