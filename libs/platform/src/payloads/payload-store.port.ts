import type { PayloadRef } from '@skynet/contracts';

/** Large texts and files beside the log, addressed by tenant and content. */
export interface PayloadStore {
  /**
   * Stores bytes, or a text as UTF-8, of at most 16 MiB and returns its reference. Storing the same again changes nothing,
   * so it is safe to retry. Must have returned before an event that names the reference is appended.
   *
   * @throws WorldError `retry: 'never'` when it is too large
   */
  put(tenant: string, content: string | Uint8Array): Promise<PayloadRef>;
  /** A text. Undefined when unknown to this tenant. Safe to retry. */
  get(tenant: string, ref: PayloadRef): Promise<string | undefined>;
  /** The bytes as they were stored. Undefined when unknown to this tenant. Safe to retry. */
  getBytes(tenant: string, ref: PayloadRef): Promise<Buffer | undefined>;
  /** The same for who does not know the length; undefined also where not all of it has been stored. Safe to retry. */
  find(tenant: string, sha256: string): Promise<Buffer | undefined>;
}
