import { INLINE_TEXT_MAX_BYTES, type Text } from '@skynet/contracts';
import { WorldError } from '../runtime/world-error.js';
import type { PayloadStore } from './payload-store.port.js';

/** The text itself when it is small enough for the log, else its reference, stored by then. Safe to retry. */
export async function storeText(store: PayloadStore, tenant: string, text: string): Promise<Text> {
  return Buffer.byteLength(text) <= INLINE_TEXT_MAX_BYTES ? text : store.put(tenant, text);
}

/**
 * The whole text, wherever it lives. Safe to retry.
 *
 * @throws WorldError `retry: 'never'` when the store does not know it
 */
export async function readText(store: PayloadStore, tenant: string, text: Text): Promise<string> {
  if (typeof text === 'string') return text;
  const stored = await store.get(tenant, text);
  if (stored !== undefined) return stored;
  throw new WorldError(`payload ${text.sha256} of tenant ${tenant} is missing`, 'never');
}
