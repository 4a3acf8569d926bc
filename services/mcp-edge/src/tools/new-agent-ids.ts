import { agentIdOf, type AgentId } from '@skynet/contracts';
import { derivedId, hashOf, type Clock } from '@skynet/platform';
import type { AgentReader } from '../views/agent-reader.js';
import type { ToolCall } from './edge-tool.js';

/** A message that comes again within it is a repeat. */
const REPEATED_WITHIN_MS = 60_000;

/** What a call asks for that makes an agent. */
export interface AskedAgent {
  readonly kind: 'spawn' | 'fork';
  readonly idempotencyKey: string | undefined;
  readonly input: object;
}

/**
 * Ids of agents to be made. The same key, and the same message sent again within a minute, gives the same id in every
 * replica, and with it the same agent: nothing is kept here, the id is derived from them.
 */
export class NewAgentIds {
  constructor(
    private readonly reader: Pick<AgentReader, 'find'>,
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
    const made = await this.reader.find(tenant, before);
    const isRepeat = made !== undefined && nowMs - made.row.spawnedAtMs < REPEATED_WITHIN_MS;
    return isRepeat ? before : agentIdOf(derivedId(...message, minute));
  }
}
