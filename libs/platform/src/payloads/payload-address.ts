import { tenantSchema, type PayloadRef } from '@skynet/contracts';
import { sha256Hex } from '../runtime/hashing.js';
import { WorldError } from '../runtime/world-error.js';

/** The largest text that a model or a tool may give or take. */
const PAYLOAD_MAX_BYTES = 16 * 1024 * 1024;

/** @throws WorldError `retry: 'never'` when the text is too large to be stored */
export function payloadRefOf(text: string): PayloadRef {
  const bytes = Buffer.byteLength(text);
  if (bytes > PAYLOAD_MAX_BYTES) {
    throw new WorldError(`a text of ${bytes} bytes is over ${PAYLOAD_MAX_BYTES}`, 'never');
  }
  return { sha256: sha256Hex(text), bytes };
}

/** Key of a payload: no tenant can name another one's. */
export function payloadKey(tenant: string, ref: PayloadRef): string {
  return `${tenantSchema.parse(tenant)}.${ref.sha256}`;
}

/** What is stored under the key is not what was put there. */
export function damaged(key: string): WorldError {
  return new WorldError(`payload ${key} is damaged: its content has another hash`, 'never');
}
