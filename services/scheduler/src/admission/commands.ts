import {
  COMMAND_VALID_MS,
  subjects,
  type AgentCommandData,
  type AgentCommandType,
  type CommandEnvelope,
} from '@skynet/contracts';
import type { Clock, MessageBus } from '@skynet/platform';

const PRINCIPAL = 'scheduler';

export interface CommandOptions {
  readonly id: string;
  readonly tenant: string;
  /** Epoch milliseconds. Default: 2 s from now. */
  readonly notAfterMs?: number;
}

/** Sends the scheduler's commands to the owner of agents. Nobody waits for replies: the log tells. */
export class SchedulerCommands {
  constructor(
    private readonly bus: Pick<MessageBus, 'publish'>,
    private readonly clock: Clock,
  ) {}

  /** @throws WorldError as `MessageBus.publish`; safe to retry with the same id */
  send<Type extends AgentCommandType>(
    type: Type,
    data: AgentCommandData<Type>,
    { id, tenant, notAfterMs = this.clock.nowMs() + COMMAND_VALID_MS }: CommandOptions,
  ): Promise<void> {
    const envelope: CommandEnvelope = { id, type, tenant, principal: PRINCIPAL, notAfterMs, data };
    return this.bus.publish(subjects.command('agents', type), envelope);
  }
}
