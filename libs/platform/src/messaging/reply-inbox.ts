import { commandReplySchema, type CommandReply } from '@skynet/contracts';
import type { Logger } from '../runtime/logger.js';
import type { MessageBus } from './message-bus.port.js';

type Listener = (reply: CommandReply) => void;

/** Where the replies to this process's commands arrive; each goes to whoever waits for the command of its id. */
export class ReplyInbox {
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly inbox: { readonly subject: string; close(): void };

  constructor(
    bus: Pick<MessageBus, 'openInbox'>,
    private readonly log: Logger,
  ) {
    this.inbox = bus.openInbox(({ data }) => this.receive(data));
  }

  /** Names the inbox in a command. */
  get subject(): string {
    return this.inbox.subject;
  }

  /** Hears every reply to the command, until the returned function is called. */
  listen(id: string, listener: Listener): () => void {
    const listeners = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.listeners.delete(id);
    };
  }

  close(): void {
    this.inbox.close();
  }

  private receive(data: unknown): void {
    const reply = commandReplySchema.safeParse(data);
    if (!reply.success) {
      this.log.error('a reply to a command has the wrong shape', { error: reply.error });
      return;
    }
    for (const listener of this.listeners.get(reply.data.id) ?? []) listener(reply.data);
  }
}
