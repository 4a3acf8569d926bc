import {
  agentCommandSchemas,
  agentIdOfStream,
  rejection,
  type AgentCommandData,
  type AgentCommandType,
  type AgentId,
  type ClientContext,
  type CommandEnvelope,
  type CommandReply,
} from '@skynet/contracts';
import { isSpawned, statusOf, type AgentCommandName, type AgentState } from '@skynet/domain-agents';
import { isRefused, type Refused, type Rejection } from '@skynet/kernel';
import {
  faultOf,
  storeText,
  type Clock,
  type PayloadStore,
  type StreamFault,
} from '@skynet/platform';
import { z } from 'zod';
import type { AgentExecution, AgentRequest, Agents } from '../owner/agents.js';
import { unreadableAgent, unreadableTo } from '../owner/unreadable-agent.js';
import type { KeptContext } from '../tools/client-context.js';
import type { Forking } from '../forking/forking.js';
import type { AgentIndex } from '../views/agent-index/agent-index.js';
import type { Admitting } from './admitting.js';
import type { Broadcasting } from './broadcasting.js';
import type { Extending } from './extending.js';
import { originOf } from '../owner/envelope-origin.js';
import type { NewTrees } from './new-trees.js';
import type { Retrying } from './retrying.js';
import { receive, type ReceivedCommand } from './received-command.js';
import type { Spawning } from './spawning.js';

const OF_PARENT: KeptContext = { leftOut: ['all: a child has the context of its parent'] };

/** Carries out commands of other services and says what became of them. */
export class AgentCommands {
  constructor(
    private readonly agents: Agents,
    private readonly parts: {
      readonly admitting: Admitting;
      readonly newTrees: NewTrees;
      readonly spawning: Spawning;
      readonly forking: Forking;
      readonly retrying: Retrying;
      readonly extending: Extending;
      readonly broadcasting: Broadcasting;
      readonly index: Pick<AgentIndex, 'get'>;
      readonly contexts: { keptOf(tenant: string, sent: ClientContext): KeptContext };
    },
    private readonly payloads: PayloadStore,
    private readonly clock: Clock,
  ) {}

  /**
   * The reply to a command; undefined for one that nobody waits for.
   *
   * @throws WorldError `retry: 'later'`; the same envelope may be handled again
   */
  async handle(
    type: AgentCommandType,
    envelope: CommandEnvelope,
  ): Promise<CommandReply | undefined> {
    const received = receive(envelope, this.clock);
    if (received === undefined) {
      return no(envelope, rejection('COMMAND_EXPIRED', `${type} ${envelope.id} came too late`));
    }
    const data = agentCommandSchemas[type].safeParse(envelope.data);
    if (!data.success) {
      return no(envelope, rejection('INVALID_ARGUMENTS', z.prettifyError(data.error)));
    }
    const command = { type, data: data.data } as KnownCommand;
    try {
      return await this.carryOut(received, command);
    } catch (error) {
      const fault = faultOf(error);
      if (fault === undefined) throw error;
      return no(envelope, this.whyNot(envelope, command, fault));
    }
  }

  /** Nothing is known of an agent that was to begin in a damaged stream; what is asked for is told. */
  private whyNot(
    { tenant }: CommandEnvelope,
    command: KnownCommand,
    fault: StreamFault,
  ): Rejection {
    const agentId = agentIdOfStream(fault.stream);
    if (agentId === undefined) throw new Error(`${fault.stream} is no stream of an agent`);
    const row = this.parts.index.get(agentId);
    const isUnborn = row === undefined && bornBy(command) === agentId;
    return isUnborn
      ? unreadableAgent(agentId, fault)
      : unreadableTo(tenant, agentId, { row, fault });
  }

  private async carryOut(
    envelope: ReceivedCommand,
    command: KnownCommand,
  ): Promise<CommandReply | undefined> {
    switch (command.type) {
      case 'AdmitAgents':
        await this.parts.admitting.admit(command.data.agents, envelope);
        return undefined;
      case 'SpawnAgent':
        return this.making(envelope, command.data, (kept) => this.spawn(kept, command.data));
      case 'ForkAgent':
        return this.making(envelope, {}, (kept) => this.fork(kept, command.data));
      case 'RetryAgent':
        return this.making(envelope, {}, (kept) => this.parts.retrying.retry(kept, command.data));
      case 'RefuseAgent':
        // A scheduler of an older release says so; what was accepted waits instead.
        return undefined;
      case 'AnswerAgent':
        return this.onOwn(envelope, command.data.agentId, {
          id: envelope.id,
          type: 'AnswerAgent',
          data: await this.answerOf(envelope.tenant, command.data),
        });
      case 'SendAgentMessage':
        return command.data.tree === true
          ? replyTo(envelope, await this.parts.broadcasting.tell(envelope, command.data))
          : this.onOwn(envelope, command.data.agentId, {
              id: envelope.id,
              type: 'SendAgentMessage',
              data: await this.messageOf(envelope, command.data),
            });
      case 'ExtendAgent':
        return replyTo(envelope, await this.parts.extending.extend(envelope, command.data));
      case 'TerminateAgent': {
        const { agentId, reason } = command.data;
        const data = { reason, reserved: false };
        return this.onOwn(envelope, agentId, { id: envelope.id, type: 'TerminateAgent', data });
      }
      default: {
        const { agentId, ...data } = command.data;
        const request = { id: envelope.id, type: command.type, data };
        return this.onOwn(envelope, agentId, request);
      }
    }
  }

  /** With what the log may keep of the client's context. */
  private async making(
    envelope: ReceivedCommand,
    { parentId }: { readonly parentId?: AgentId },
    make: (envelope: ReceivedCommand) => Promise<AgentExecution | Refused>,
  ): Promise<CommandReply> {
    const { context: sent, tenant } = envelope;
    if (sent === undefined) return replyTo(envelope, await make(envelope));
    const isRoot = parentId === undefined;
    const { context, leftOut } = isRoot ? this.parts.contexts.keptOf(tenant, sent) : OF_PARENT;
    const reply = replyTo(envelope, await make({ ...envelope, context }));
    return reply.ok && leftOut.length > 0 ? { ...reply, contextLeftOut: [...leftOut] } : reply;
  }

  private spawn(envelope: ReceivedCommand, data: AgentCommandData<'SpawnAgent'>) {
    const { newTrees, spawning } = this.parts;
    const spawn = () => spawning.spawn(envelope, data);
    // What a tree that runs may have is said by its own limits.
    return data.parentId === undefined
      ? newTrees.make(envelope.tenant, data.agentId, spawn)
      : spawn();
  }

  private fork(envelope: CommandEnvelope, data: AgentCommandData<'ForkAgent'>) {
    const { newTrees, forking } = this.parts;
    const { tenant } = envelope;
    return newTrees.make(tenant, data.agentId, () => forking.fork(envelope, data), data.limits);
  }

  /** Another tenant's agent is not found, like one that never was. */
  private async onOwn<Type extends AgentCommandName>(
    envelope: CommandEnvelope,
    agentId: AgentId,
    request: AgentRequest<Type>,
  ): Promise<CommandReply> {
    const state = await this.agents.load(agentId);
    if (!isSpawned(state) || state.spawned.tenant !== envelope.tenant) {
      return no(envelope, rejection('AGENT_NOT_FOUND', `There is no agent ${agentId}.`));
    }
    return replyTo(envelope, await this.agents.execute(agentId, request, originOf(envelope)));
  }

  private async messageOf(
    { id: messageId, tenant, principal }: CommandEnvelope,
    { text: said, interrupts }: AgentCommandData<'SendAgentMessage'>,
  ): Promise<AgentRequest<'SendAgentMessage'>['data']> {
    const text = await storeText(this.payloads, tenant, said);
    return { messageId, from: { kind: 'client', principal }, text, interrupts };
  }

  private async answerOf(
    tenant: string,
    { toolCallId, answer }: AgentCommandData<'AnswerAgent'>,
  ): Promise<AgentRequest<'AnswerAgent'>['data']> {
    if (answer.decision === 'retry') return { toolCallId, answer };
    const given = answer.decision === 'happened' ? answer.result : answer.message;
    const text = await storeText(this.payloads, tenant, given);
    return { toolCallId, answer: { decision: answer.decision, text } };
  }
}

type KnownCommand = {
  [Type in AgentCommandType]: { readonly type: Type; readonly data: AgentCommandData<Type> };
}[AgentCommandType];

/** The agent that the command makes, if it makes one. */
function bornBy({ type, data }: KnownCommand): AgentId | undefined {
  const begins = type === 'SpawnAgent' || type === 'ForkAgent' || type === 'RetryAgent';
  return begins ? data.agentId : undefined;
}

function no(envelope: CommandEnvelope, error: Rejection): CommandReply {
  return { id: envelope.id, ok: false, error } as CommandReply;
}

function replyTo(envelope: CommandEnvelope, execution: AgentExecution | Refused): CommandReply {
  if (isRefused(execution)) return no(envelope, execution.refused);
  return yes(envelope, execution.state, execution);
}

function yes(
  envelope: CommandEnvelope,
  state: AgentState,
  { revision, position }: { readonly revision: number; readonly position?: string },
): CommandReply {
  if (!isSpawned(state)) throw new Error(`${envelope.type} left no agent behind`);
  const { agentId, rootId } = state.spawned;
  return {
    id: envelope.id,
    ok: true,
    agentId,
    rootId,
    status: statusOf(state),
    revision,
    position,
  };
}
