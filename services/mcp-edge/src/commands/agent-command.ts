import {
  type AgentCommandData,
  type AgentCommandType,
  type ClientContext,
  type CommandEnvelope,
  type Principal,
} from '@skynet/contracts';
import type { CallRecord } from '../recording/call-record.js';

/** A request to the owner of agents. `id` makes it the same command when it is sent again. */
export interface AgentCommand<Type extends AgentCommandType = AgentCommandType> {
  readonly id: string;
  readonly type: Type;
  readonly data: AgentCommandData<Type>;
  readonly principal: Principal;
  readonly traceparent: string | undefined;
  /** Of the client, where the command makes an agent. */
  readonly context?: ClientContext | undefined;
  /** Told before the command goes out. */
  readonly record: Pick<CallRecord, 'sending'>;
}

export function envelopeOf(command: AgentCommand, notAfterMs: number): CommandEnvelope {
  const { id, type, data, principal, traceparent, context } = command;
  return {
    id,
    type,
    tenant: principal.tenant,
    principal: principal.principal,
    notAfterMs,
    ...(traceparent !== undefined && { traceparent }),
    ...(context !== undefined && { context }),
    data,
  };
}
