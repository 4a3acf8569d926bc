import type { PayloadRef } from '@skynet/contracts';
import type { PayloadStore } from '@skynet/platform';
import type { ModelTool } from '../models/model.port.js';
import { weigh } from './tool-weight.js';

const MAX_KNOWN = 1_000;

/** Keeps the definitions of offered tools beside the log, so that every request can be rebuilt from it. */
export class OfferedTools {
  private readonly known = new Map<string, PayloadRef>();

  constructor(private readonly payloads: PayloadStore) {}

  /** Stored when it returns; this process writes each set of tools of a tenant once. Safe to retry. */
  async keep(tenant: string, tools: readonly ModelTool[]): Promise<PayloadRef> {
    const key = [tenant, ...tools.map((tool) => weigh(tool).hash)].join();
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const ref = await this.payloads.put(tenant, JSON.stringify(tools));
    if (this.known.size >= MAX_KNOWN) this.known.clear();
    this.known.set(key, ref);
    return ref;
  }
}
