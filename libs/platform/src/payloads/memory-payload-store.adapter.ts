import type { PayloadRef } from '@skynet/contracts';
import { payloadKey, payloadRefOf } from './payload-address.js';
import type { PayloadStore } from './payload-store.port.js';

/** Payloads of one process, gone with it: for tests. */
export class MemoryPayloadStore implements PayloadStore {
  readonly #contents = new Map<string, string | Buffer>();

  async put(tenant: string, content: string | Uint8Array): Promise<PayloadRef> {
    const ref = payloadRefOf(content);
    const kept = typeof content === 'string' ? content : Buffer.from(content);
    this.#contents.set(payloadKey(tenant, ref), kept);
    return ref;
  }

  async get(tenant: string, ref: PayloadRef): Promise<string | undefined> {
    return this.#contents.get(payloadKey(tenant, ref))?.toString();
  }

  async getBytes(tenant: string, { sha256 }: PayloadRef): Promise<Buffer | undefined> {
    return this.find(tenant, sha256);
  }

  async find(tenant: string, sha256: string): Promise<Buffer | undefined> {
    const kept = this.#contents.get(payloadKey(tenant, { sha256 }));
    return typeof kept === 'string' ? Buffer.from(kept) : kept;
  }
}
