import {
  COMMAND_VALID_MS,
  commandReplySchema,
  REPLY_HEADER,
  rejection,
  subjects,
  type CommandReply,
} from '@skynet/contracts';
import {
  attributeNames as names,
  OverloadedError,
  WorldError,
  type Clock,
  type Logger,
  type MessageBus,
  type Tracing,
} from '@skynet/platform';
import { envelopeOf, type AgentCommand } from './agent-command.js';

// A command that was carried out just before it expired is still answered.
const LAST_REPLY_MS = 500;
const WINDOWS_MS = [COMMAND_VALID_MS, COMMAND_VALID_MS + LAST_REPLY_MS];

type Listener = (reply: CommandReply) => void;

/** Sends commands to the owner of agents and finds their answers among all that come to this process. */
export class CommandSender {
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly inbox: { readonly subject: string; close(): void };

  constructor(
    private readonly bus: MessageBus,
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly tracing: Tracing,
  ) {
    this.inbox = bus.openInbox(({ data }) => this.receive(data));
  }

  /**
   * Sends the command, and once more under the same id when no answer comes in its time.
   *
   * @throws OverloadedError when the queue of commands is full
   */
  async send(command: AgentCommand): Promise<CommandReply> {
    let stopListening = (): void => undefined;
    const reply = new Promise<CommandReply>((resolve) => {
      stopListening = this.listen(command.id, resolve);
    });
    try {
      for (const windowMs of WINDOWS_MS) {
        const answer = await this.attempt(command, reply, windowMs);
        if (answer !== undefined) return answer;
      }
    } finally {
      stopListening();
    }
    const message = `no service answered ${command.type} in time`;
    return { id: command.id, ok: false, error: rejection('UNAVAILABLE', message) };
  }

  close(): void {
    this.inbox.close();
  }

  /** Undefined when the window closed without an answer. */
  private async attempt(
    command: AgentCommand,
    reply: Promise<CommandReply>,
    windowMs: number,
  ): Promise<CommandReply | undefined> {
    let cancel = (): void => undefined;
    const closed = new Promise<undefined>((resolve) => {
      cancel = this.clock.timer(windowMs, () => resolve(undefined));
    });
    const answered = this.publish(command).then(() => reply);
    try {
      return await Promise.race([answered, closed]);
    } finally {
      cancel();
    }
  }

  private async publish(command: AgentCommand): Promise<void> {
    const subject = subjects.command('agents', command.type);
    const span = this.tracing.start(`send ${subject}`, {
      parent: command.traceparent,
      kind: 'producer',
      attributes: {
        [names.messagingSystem]: 'nats',
        [names.messagingDestination]: subject,
        [names.messagingOperation]: 'send',
      },
    });
    const { traceparent } = span;
    const envelope = envelopeOf({ ...command, traceparent }, this.clock.nowMs());
    try {
      await this.bus.publish(subject, envelope, {
        headers: { [REPLY_HEADER]: this.inbox.subject },
      });
    } catch (error) {
      span.fail('publish');
      const mayBeStored =
        error instanceof WorldError &&
        error.retry === 'later' &&
        !(error instanceof OverloadedError);
      if (!mayBeStored) throw error;
      this.log.warn('unknown whether a command was stored', { id: command.id, error });
    } finally {
      span.end();
    }
  }

  private listen(id: string, listener: Listener): () => void {
    const listeners = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.listeners.delete(id);
    };
  }

  private receive(data: unknown): void {
    const parsed = commandReplySchema.safeParse(data);
    if (!parsed.success) {
      this.log.error('a reply to a command has the wrong shape', { error: parsed.error });
      return;
    }
    const reply = parsed.data;
    // About an earlier attempt: the one under way is still to be answered.
    if (!reply.ok && reply.error.code === 'COMMAND_EXPIRED') return;
    for (const listener of this.listeners.get(reply.id) ?? []) listener(reply);
  }
}
