import { tenantSchema, type PayloadRef } from '@skynet/contracts';
import { sha256Hex } from '../runtime/hashing.js';
import { WorldError } from '../runtime/world-error.js';

/** The largest text, or file, that a model or a tool may give or take. */
const PAYLOAD_MAX_BYTES = 16 * 1024 * 1024;

/** @throws WorldError `retry: 'never'` when it is too large to be stored */
export function payloadRefOf(content: string | Uint8Array): PayloadRef {
  const bytes = Buffer.byteLength(content);
  if (bytes > PAYLOAD_MAX_BYTES) {
    throw new WorldError(`a payload of ${bytes} bytes is over ${PAYLOAD_MAX_BYTES}`, 'never');
  }
  return { sha256: sha256Hex(content), bytes };
}

/** Key of a payload: no tenant can name another one's. */
export function payloadKey(tenant: string, { sha256 }: Pick<PayloadRef, 'sha256'>): string {
  return `${tenantSchema.parse(tenant)}.${sha256}`;
}

/** What is stored under the key is not what was put there. */
export function damaged(key: string): WorldError {
  return new WorldError(`payload ${key} is damaged: its content has another hash`, 'never');
}
