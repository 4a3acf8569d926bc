import type { PayloadRef } from '@skynet/contracts';
import { payloadKey, payloadRefOf } from './payload-address.js';
import type { PayloadStore } from './payload-store.port.js';

/** Payloads of one process, gone with it: for tests. */
export class MemoryPayloadStore implements PayloadStore {
  readonly #texts = new Map<string, string>();

  async put(tenant: string, text: string): Promise<PayloadRef> {
    const ref = payloadRefOf(text);
    this.#texts.set(payloadKey(tenant, ref), text);
    return ref;
  }

  async get(tenant: string, ref: PayloadRef): Promise<string | undefined> {
    return this.#texts.get(payloadKey(tenant, ref));
  }
}
