import type { Commit } from '../event-store/event-store.port.js';
import { WorldError } from '../runtime/world-error.js';
import { payloadsNamedIn } from './payload-names.js';
import type { PayloadStore } from './payload-store.port.js';

/** A payload that some event names. */
export interface NamedPayload {
  readonly tenant: string;
  readonly sha256: string;
  readonly bytes: Buffer;
}

/**
 * Reads the payloads that the events of a commit name, each once for each tenant as long as `known` is kept.
 *
 * @throws WorldError `retry: 'never'` when one is missing
 */
export async function* payloadsOf(
  { stream, events }: Pick<Commit, 'stream' | 'events'>,
  payloads: Pick<PayloadStore, 'getBytes'>,
  known: Set<string>,
): AsyncGenerator<NamedPayload, void, undefined> {
  for (const { data, metadata, revision } of events) {
    const { tenant } = metadata;
    for (const ref of payloadsNamedIn(data)) {
      const { sha256 } = ref;
      if (known.has(`${tenant}/${sha256}`)) continue;
      const bytes = await payloads.getBytes(tenant, ref);
      if (bytes === undefined) {
        const where = `event ${revision} of ${stream}`;
        throw new WorldError(
          `payload ${sha256} of ${tenant} is missing, named by ${where}`,
          'never',
        );
      }
      known.add(`${tenant}/${sha256}`);
      yield { tenant, sha256, bytes };
    }
  }
}

/** Copies what the events of a commit name, before the commit itself. Safe to repeat. */
export async function copyPayloads(
  commit: Pick<Commit, 'stream' | 'events'>,
  {
    from,
    to,
    known,
  }: { readonly from: PayloadStore; readonly to: PayloadStore; readonly known: Set<string> },
): Promise<void> {
  for await (const { tenant, bytes } of payloadsOf(commit, from, known)) {
    await to.put(tenant, bytes);
  }
}
