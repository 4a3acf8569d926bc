import {
  COMMAND_VALID_MS,
  REPLY_HEADER,
  rejection,
  subjects,
  type CommandReply,
} from '@skynet/contracts';
import {
  attributeNames as names,
  OverloadedError,
  ReplyInbox,
  sleep,
  WorldError,
  type Clock,
  type HealthCheck,
  type Logger,
  type MessageBus,
  type Tracing,
} from '@skynet/platform';
import { envelopeOf, type AgentCommand } from './agent-command.js';
import { heardTimer } from './heard-time.js';
import { Turns } from './turns.js';
import { UnderWay } from './under-way.js';

/** A queue that is there takes a command in milliseconds; when it does not, the caller is told within 2 s. */
const FIRST_WINDOW_MS = 1_800;
/** A command that was carried out just before it expired is still answered. */
const LAST_REPLY_MS = 500;
const PUBLISH_AGAIN_MS = 200;
/** Of a command that nobody has. */
const NOT_SENT = { limit: 'commandsUnderWay', retryAfterMs: 2_000 };
/** As long it counts as out of order: nobody may have sent another one. */
const SILENT_FOR_MS = 30_000;

/** Sends commands to the owner of agents and finds their answers among all that come to this process. */
export class CommandSender {
  private readonly underWay = new UnderWay();
  private readonly turns: Turns;
  /** When the queue last did not take a command. */
  private silentMs = -Infinity;
  private readonly inbox: ReplyInbox;

  constructor(
    private readonly bus: MessageBus,
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly tracing: Tracing,
  ) {
    this.turns = new Turns(clock, FIRST_WINDOW_MS);
    this.inbox = new ReplyInbox(bus, log);
  }

  /**
   * Sends the command, and once more under the same id when the queue has taken it and no answer comes in its time. What
   * was told to have failed does not run later: by then the command has expired.
   *
   * @throws OverloadedError when the queue of commands is full, or too many commands wait here, or too large ones
   */
  async send(command: AgentCommand): Promise<CommandReply> {
    const { record, ...sent } = command;
    const release = this.underWay.begin(Buffer.byteLength(JSON.stringify(sent)));
    record.sending(command.data);
    if (!(await this.turns.enter())) {
      release();
      return unavailable(command, 'no service answers commands', NOT_SENT);
    }
    const reply = await this.sendInTurn(command, release).catch((error: unknown) => {
      this.turns.leave(false);
      throw error;
    });
    this.turns.leave(reply.ok || reply.error.code !== 'UNAVAILABLE');
    return reply;
  }

  private async sendInTurn(command: AgentCommand, release: () => void): Promise<CommandReply> {
    const attempts: Attempt[] = [];
    let stopListening = (): void => undefined;
    const reply = new Promise<CommandReply>((resolve) => {
      stopListening = this.inbox.listen(command.id, (heard) => {
        // About an earlier attempt: the one under way is still to be answered.
        if (heard.ok || heard.error.code !== 'COMMAND_EXPIRED') resolve(heard);
      });
    });
    try {
      const first = new Attempt(this.clock.nowMs() + FIRST_WINDOW_MS, FIRST_WINDOW_MS);
      attempts.push(first);
      const answer = await this.attempt(command, reply, first);
      if (answer !== undefined) return answer;
      if (!first.isStored) {
        this.silentMs = this.clock.monotonicMs();
        return unavailable(command, 'the queue of commands does not answer');
      }
      const second = new Attempt(
        this.clock.nowMs() + COMMAND_VALID_MS,
        COMMAND_VALID_MS + LAST_REPLY_MS,
      );
      attempts.push(second);
      const late = await this.attempt(command, reply, second);
      return late ?? unavailable(command, `no service answered ${command.type} in time`);
    } finally {
      stopListening();
      // The connection keeps what it has not sent yet, and what may have to be sent again.
      void Promise.allSettled(attempts.map(({ publishing }) => publishing)).then(release);
    }
  }

  /** Fails for a while after the queue did not take a command, until it takes one. */
  get healthCheck(): HealthCheck {
    const silent = new WorldError('the queue of commands takes none', 'later');
    const isSilent = () => this.clock.monotonicMs() - this.silentMs < SILENT_FOR_MS;
    return {
      name: 'commands',
      check: () => (isSilent() ? Promise.reject(silent) : Promise.resolve()),
    };
  }

  close(): void {
    this.inbox.close();
  }

  /** Undefined when the window closed without an answer. */
  private async attempt(
    command: AgentCommand,
    reply: Promise<CommandReply>,
    attempt: Attempt,
  ): Promise<CommandReply | undefined> {
    let cancel = (): void => undefined;
    const closed = new Promise<undefined>((resolve) => {
      cancel = heardTimer(this.clock, attempt.windowMs, () => {
        attempt.isOver = true;
        resolve(undefined);
      });
    });
    attempt.publishing = this.publishUntilStored(command, attempt);
    const failed = attempt.publishing.then(() => reply);
    try {
      // An answer to an earlier attempt may be there before the queue has this one.
      return await Promise.race([reply, failed, closed]);
    } finally {
      cancel();
    }
  }

  private async publishUntilStored(command: AgentCommand, attempt: Attempt): Promise<void> {
    while (!attempt.isStored && !attempt.isOver) {
      attempt.isStored = await this.publish(command, attempt.notAfterMs);
      if (!attempt.isStored) await sleep(this.clock, PUBLISH_AGAIN_MS);
    }
  }

  /** Whether the queue says that it has the command; false when nobody knows. */
  private async publish(command: AgentCommand, notAfterMs: number): Promise<boolean> {
    const subject = subjects.command('agents', command.type);
    const span = this.tracing.start(`send ${subject}`, {
      parent: command.traceparent,
      kind: 'producer',
      detail: 'messaging',
      attributes: {
        [names.messagingSystem]: 'nats',
        [names.messagingDestination]: subject,
        [names.messagingOperation]: 'send',
      },
    });
    const { traceparent } = span;
    const envelope = envelopeOf({ ...command, traceparent }, notAfterMs);
    try {
      await this.bus.publish(subject, envelope, {
        headers: { [REPLY_HEADER]: this.inbox.subject },
      });
      this.silentMs = -Infinity;
      return true;
    } catch (error) {
      span.fail('publish');
      const mayBeStored =
        error instanceof WorldError &&
        error.retry === 'later' &&
        !(error instanceof OverloadedError);
      if (!mayBeStored) throw error;
      this.log.warn('unknown whether a command was stored', { id: command.id, error });
      return false;
    } finally {
      span.end();
    }
  }
}

/** One time of sending. */
class Attempt {
  /** Whether the queue of commands has it. */
  isStored = false;
  isOver = false;
  publishing = Promise.resolve();

  constructor(
    /** Epoch milliseconds; a handler drops what is later. */
    readonly notAfterMs: number,
    /** How long the answer is waited for. */
    readonly windowMs: number,
  ) {}
}

function unavailable(
  { id }: AgentCommand,
  message: string,
  about?: { readonly limit: string; readonly retryAfterMs: number },
): CommandReply {
  return { id, ok: false, error: rejection('UNAVAILABLE', message, about) };
}
