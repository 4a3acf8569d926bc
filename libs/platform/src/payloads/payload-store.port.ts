import type { PayloadRef } from '@skynet/contracts';

/** Large texts beside the log, addressed by tenant and content. */
export interface PayloadStore {
  /**
   * Stores UTF-8 text of at most 16 MiB and returns its reference. Storing the same text again changes nothing, so it
   * is safe to retry. Must have returned before an event that names the reference is appended.
   *
   * @throws WorldError `retry: 'never'` when the text is too large
   */
  put(tenant: string, text: string): Promise<PayloadRef>;
  /** Undefined when unknown to this tenant. Safe to retry. */
  get(tenant: string, ref: PayloadRef): Promise<string | undefined>;
}
