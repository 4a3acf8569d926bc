import { subjects, type Principal } from '@skynet/contracts';
import { sha256Hex, type MessageBus } from '@skynet/platform';
import { z } from 'zod';
import { WideNumbers } from './wide-numbers.js';

/** Whose call it is, and its JSON-RPC id. */
export interface CallName {
  readonly principal: Principal;
  /** See `programOf`. */
  readonly program: string;
  readonly id: string | number;
}

const hintSchema = z.object({ call: z.string().max(64) });

/**
 * Calls under way, so that a client can call one off. Before the protocol of 2026 a client does so with a message of its own,
 * which names the call by its id alone and may come to another edge. Two programs with one token may use the same id at the
 * same time, and then nothing is called off where both run.
 */
export class OpenCalls {
  private readonly open = new Map<string, Set<AbortController>>();
  private readonly stopListening: () => void;

  constructor(private readonly bus: Pick<MessageBus, 'hint' | 'onHint'>) {
    this.stopListening = bus.onHint(subjects.calledOff, ({ data }) => {
      const hint = hintSchema.safeParse(data);
      if (hint.success) this.end(hint.data.call);
    });
  }

  /** A signal that is aborted when the call is called off; `close` when it has ended. */
  begin(name: CallName): { readonly signal: AbortSignal; close(): void } {
    const call = markOf(name);
    const controller = new AbortController();
    const calls = this.open.get(call) ?? new Set();
    this.open.set(call, calls.add(controller));
    const close = () => {
      calls.delete(controller);
      if (calls.size === 0) this.open.delete(call);
    };
    return { signal: controller.signal, close };
  }

  /** Tells the other edges of a call that does not run here. */
  cancel(name: CallName): void {
    const call = markOf(name);
    if (this.open.has(call)) this.end(call);
    else this.bus.hint(subjects.calledOff, { call });
  }

  stop(): void {
    this.stopListening();
  }

  private end(call: string): void {
    const calls = this.open.get(call);
    if (calls?.size !== 1) return;
    for (const controller of calls) controller.abort();
  }
}

/** The same at every edge; says nothing of whose call it is. */
function markOf({ principal: { tenant, principal }, program, id }: CallName): string {
  return sha256Hex(WideNumbers.plain(JSON.stringify([tenant, principal, program, id])));
}
