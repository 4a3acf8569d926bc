import type { Principal } from '@skynet/contracts';

/** A JSON-RPC id. */
export type RequestId = string | number;

/**
 * Calls under way, so that a client can call one off. Before the protocol of 2026 a client does so with a message of its own,
 * which names the call by its id alone; two programs of one person may use the same id at the same time, and then nothing
 * is called off.
 */
export class OpenCalls {
  private readonly open = new Map<string, Set<AbortController>>();

  /** A signal that is aborted when the call is called off; `close` when it has ended. */
  begin(principal: Principal, id: RequestId): { readonly signal: AbortSignal; close(): void } {
    const name = nameOf(principal, id);
    const controller = new AbortController();
    const calls = this.open.get(name) ?? new Set();
    this.open.set(name, calls.add(controller));
    const close = () => {
      calls.delete(controller);
      if (calls.size === 0) this.open.delete(name);
    };
    return { signal: controller.signal, close };
  }

  cancel(principal: Principal, id: RequestId): void {
    const calls = this.open.get(nameOf(principal, id));
    if (calls?.size !== 1) return;
    for (const controller of calls) controller.abort();
  }
}

function nameOf({ tenant, principal }: Principal, id: RequestId): string {
  return JSON.stringify([tenant, principal, id]);
}
