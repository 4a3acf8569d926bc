import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  commandEnvelopeSchema,
  REPLY_HEADER,
  subjects,
  type AgentCommandType,
  type CommandEnvelope,
  type CommandReply,
} from '@skynet/contracts';
import {
  attributeNames as names,
  WorldError,
  type MessageBus,
  type Tracing,
} from '@skynet/platform';
import { type JetStreamContext, MESSAGE_BUS, OnMessage, TRACING } from '@skynet/platform/service';
import { AgentCommands } from './agent-commands.js';

const subject = (type: AgentCommandType) => subjects.command('agents', type);

/** The door for commands: each message is parsed once, carried out, and answered where somebody waits. */
@Controller()
export class AgentsConsumer {
  constructor(
    @Inject(AgentCommands) private readonly commands: AgentCommands,
    @Inject(MESSAGE_BUS) private readonly bus: MessageBus,
    @Inject(TRACING) private readonly tracing: Tracing,
  ) {}

  @OnMessage(subject('SpawnAgent'))
  spawn(@Payload() data: unknown, @Ctx() context: JetStreamContext): Promise<void> {
    return this.handle('SpawnAgent', data, context);
  }

  @OnMessage(subject('ForkAgent'))
  fork(@Payload() data: unknown, @Ctx() context: JetStreamContext): Promise<void> {
    return this.handle('ForkAgent', data, context);
  }

  @OnMessage(subject('RetryAgent'))
  retry(@Payload() data: unknown, @Ctx() context: JetStreamContext): Promise<void> {
    return this.handle('RetryAgent', data, context);
  }

  @OnMessage(subject('PauseAgent'))
  pause(@Payload() data: unknown, @Ctx() context: JetStreamContext): Promise<void> {
    return this.handle('PauseAgent', data, context);
  }

  @OnMessage(subject('ResumeAgent'))
  resume(@Payload() data: unknown, @Ctx() context: JetStreamContext): Promise<void> {
    return this.handle('ResumeAgent', data, context);
  }

  @OnMessage(subject('TerminateAgent'))
  terminate(@Payload() data: unknown, @Ctx() context: JetStreamContext): Promise<void> {
    return this.handle('TerminateAgent', data, context);
  }

  @OnMessage(subject('SendAgentMessage'))
  message(@Payload() data: unknown, @Ctx() context: JetStreamContext): Promise<void> {
    return this.handle('SendAgentMessage', data, context);
  }

  @OnMessage(subject('ExtendAgent'))
  extend(@Payload() data: unknown, @Ctx() context: JetStreamContext): Promise<void> {
    return this.handle('ExtendAgent', data, context);
  }

  @OnMessage(subject('AnswerAgent'))
  answer(@Payload() data: unknown, @Ctx() context: JetStreamContext): Promise<void> {
    return this.handle('AnswerAgent', data, context);
  }

  @OnMessage(subject('AdmitAgents'))
  admit(@Payload() data: unknown, @Ctx() context: JetStreamContext): Promise<void> {
    return this.handle('AdmitAgents', data, context);
  }

  @OnMessage(subject('RefuseAgent'))
  refuse(@Payload() data: unknown, @Ctx() context: JetStreamContext): Promise<void> {
    return this.handle('RefuseAgent', data, context);
  }

  @OnMessage(subject('ExpireAgent'))
  expire(@Payload() data: unknown, @Ctx() context: JetStreamContext): Promise<void> {
    return this.handle('ExpireAgent', data, context);
  }

  @OnMessage(subject('WakeAgent'))
  wake(@Payload() data: unknown, @Ctx() context: JetStreamContext): Promise<void> {
    return this.handle('WakeAgent', data, context);
  }

  @OnMessage(subject('EndAwait'))
  endAwait(@Payload() data: unknown, @Ctx() context: JetStreamContext): Promise<void> {
    return this.handle('EndAwait', data, context);
  }

  /** Commands about many agents belong to no trace. */
  private async traced(
    type: AgentCommandType,
    envelope: CommandEnvelope,
    subject: string,
  ): Promise<CommandReply | undefined> {
    if (envelope.traceparent === undefined) return this.commands.handle(type, envelope);
    const span = this.tracing.start(`process ${subject}`, {
      parent: envelope.traceparent,
      kind: 'consumer',
      detail: 'messaging',
      attributes: {
        [names.messagingSystem]: 'nats',
        [names.messagingDestination]: subject,
        [names.messagingOperation]: 'process',
      },
    });
    const { traceparent } = span;
    try {
      return await span.within(() => this.commands.handle(type, { ...envelope, traceparent }));
    } finally {
      span.end();
    }
  }

  private async handle(
    type: AgentCommandType,
    data: unknown,
    context: JetStreamContext,
  ): Promise<void> {
    const envelope = commandEnvelopeSchema.safeParse(data);
    if (!envelope.success) throw new WorldError('not a command envelope', 'never');
    const reply = await this.traced(type, envelope.data, context.subject);
    const inbox = context.headers[REPLY_HEADER];
    if (reply !== undefined && inbox !== undefined) this.bus.reply(inbox, reply);
  }
}
