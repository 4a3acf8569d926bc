import { agentIdOf, type AgentId } from '@skynet/contracts';
import { derivedId, hashOf, type Clock } from '@skynet/platform';
import type { ToolCall } from './edge-tool.js';

/** A message that comes again within it is a repeat. */
const REPEATED_WITHIN_MS = 60_000;

/** What a call asks for that makes an agent, or a schedule of some. */
export interface AskedAgent {
  readonly kind: 'spawn' | 'fork' | 'retry' | 'schedule';
  readonly idempotencyKey: string | undefined;
  readonly input: object;
}

/**
 * Ids of what is to be made. The same key, and the same message sent again within a minute, gives the same id in every
 * replica, and with it the same agent: nothing is kept here, the id is derived from them.
 */
export class NewAgentIds {
  constructor(
    /** When what has that id was made; undefined when there is nothing. */
    private readonly madeAtMs: (tenant: string, id: string) => Promise<number | undefined>,
    private readonly clock: Clock,
  ) {}

  /**
   * Safe to repeat.
   *
   * @throws WorldError `retry: 'later'` when nobody says whether the message had come before; with a key nobody is asked
   */
  async idFor(asked: AskedAgent, call: ToolCall): Promise<AgentId> {
    const { kind, idempotencyKey, input } = asked;
    const { tenant, principal } = call.principal;
    if (idempotencyKey !== undefined) {
      return agentIdOf(derivedId(kind, tenant, principal, idempotencyKey));
    }
    const nowMs = this.clock.nowMs();
    const minute = Math.floor(nowMs / REPEATED_WITHIN_MS);
    const message = [`${kind} sent`, tenant, principal, call.mark, hashOf(input)] as const;
    const before = agentIdOf(derivedId(...message, minute - 1));
    const madeAtMs = await this.madeAtMs(tenant, before);
    const isRepeat = madeAtMs !== undefined && nowMs - madeAtMs < REPEATED_WITHIN_MS;
    return isRepeat ? before : agentIdOf(derivedId(...message, minute));
  }
}
