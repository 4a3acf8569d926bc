import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  commandEnvelopeSchema,
  REPLY_HEADER,
  subjects,
  type AgentCommandType,
} from '@skynet/contracts';
import {
  type JetStreamContext,
  MESSAGE_BUS,
  OnMessage,
  WorldError,
  type MessageBus,
} from '@skynet/platform';
import { AGENT_COMMANDS } from '../agent-runtime-tokens.js';
import type { AgentCommands } from './agent-commands.js';

const subject = (type: AgentCommandType) => subjects.command('agents', type);

/** The door for commands: each message is parsed once, carried out, and answered where somebody waits. */
@Controller()
export class AgentsConsumer {
  constructor(
    @Inject(AGENT_COMMANDS) private readonly commands: AgentCommands,
    @Inject(MESSAGE_BUS) private readonly bus: MessageBus,
  ) {}

  @OnMessage(subject('SpawnAgent'))
  spawn(@Payload() data: unknown, @Ctx() context: JetStreamContext): Promise<void> {
    return this.handle('SpawnAgent', data, context);
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

  @OnMessage(subject('EndAwait'))
  endAwait(@Payload() data: unknown, @Ctx() context: JetStreamContext): Promise<void> {
    return this.handle('EndAwait', data, context);
  }

  private async handle(
    type: AgentCommandType,
    data: unknown,
    context: JetStreamContext,
  ): Promise<void> {
    const envelope = commandEnvelopeSchema.safeParse(data);
    if (!envelope.success) throw new WorldError('not a command envelope', 'never');
    const reply = await this.commands.handle(type, envelope.data);
    const inbox = context.headers[REPLY_HEADER];
    if (reply !== undefined && inbox !== undefined) this.bus.hint(inbox, reply);
  }
}
