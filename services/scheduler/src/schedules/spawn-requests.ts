import {
  agentIdOf,
  COMMAND_VALID_MS,
  REPLY_HEADER,
  subjects,
  type CommandReply,
  type ScheduleDefinition,
} from '@skynet/contracts';
import type { Tick } from '@skynet/domain-scheduling';
import {
  attributeNames as names,
  ReplyInbox,
  WorldError,
  type Clock,
  type Logger,
  type MessageBus,
  type Tracing,
} from '@skynet/platform';

/** A command that was carried out just before it expired is still answered. */
const ANSWER_WITHIN_MS = COMMAND_VALID_MS + 500;
const TYPE = 'SpawnAgent';

export interface SpawnRequestsContext {
  readonly bus: Pick<MessageBus, 'publish' | 'openInbox'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tracing: Tracing;
}

/** Asks the owner of agents for the agent of a tick, as the edge does for a client. */
export class SpawnRequests {
  private readonly inbox: ReplyInbox;
  /** Ends the waits for replies. */
  private readonly waits = new Set<() => void>();

  constructor(private readonly context: SpawnRequestsContext) {
    this.inbox = new ReplyInbox(context.bus, context.log);
  }

  /** The owner's answer; undefined when none came in time. Safe to repeat: a tick has one agent. */
  async spawn(definition: ScheduleDefinition, tick: Tick): Promise<CommandReply | undefined> {
    const id = `${definition.scheduleId}:${tick.tickMs}`;
    let stopWaiting = (): void => undefined;
    const reply = new Promise<CommandReply | undefined>((resolve) => {
      const cancel = this.context.clock.timer(ANSWER_WITHIN_MS, () => resolve(undefined));
      const stopListening = this.inbox.listen(id, resolve);
      stopWaiting = () => {
        cancel();
        stopListening();
        resolve(undefined);
      };
    });
    this.waits.add(stopWaiting);
    try {
      await this.send(id, definition, tick);
      return await reply;
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      this.context.log.warn('the agent of a tick was not asked for', { id, error });
      return undefined;
    } finally {
      this.waits.delete(stopWaiting);
      stopWaiting();
    }
  }

  /** Nobody waits any more. */
  close(): void {
    this.inbox.close();
    for (const stopWaiting of this.waits) stopWaiting();
  }

  private async send(id: string, definition: ScheduleDefinition, tick: Tick): Promise<void> {
    const { bus, clock, tracing } = this.context;
    const { tenant, principal, spawn } = definition;
    const subject = subjects.command('agents', TYPE);
    const span = tracing.start(`send ${subject}`, {
      kind: 'producer',
      attributes: {
        [names.messagingSystem]: 'nats',
        [names.messagingDestination]: subject,
        [names.messagingOperation]: 'send',
      },
    });
    const { traceparent } = span;
    const notAfterMs = clock.nowMs() + COMMAND_VALID_MS;
    const data = { agentId: agentIdOf(tick.agentId), arguments: spawn };
    const envelope = { id, type: TYPE, tenant, principal, notAfterMs, traceparent, data };
    try {
      await bus.publish(subject, envelope, { headers: { [REPLY_HEADER]: this.inbox.subject } });
    } finally {
      span.end();
    }
  }
}
