import {
  agentIdOf,
  COMMAND_VALID_MS,
  commandReplySchema,
  REPLY_HEADER,
  subjects,
  type AgentCommandData,
  type AgentCommandType,
  type AgentId,
  type CommandReply,
} from '@skynet/contracts';
import { derivedId } from '@skynet/platform';
import { SimBus } from '../ports/sim-bus.js';
import type { SimProcess } from '../ports/sim-process.js';
import type { Step } from '../plan/step.js';
import type { LoggedAgent } from './logged-agents.js';
import type { Surroundings } from './surroundings.js';

/** A command as its sender has it. */
export interface SentCommand {
  readonly id: string;
  readonly type: AgentCommandType;
  readonly agentId: AgentId;
  readonly atMs: number;
  /** Of a spawn that must be refused, for another one has its key. */
  readonly isOther: boolean;
  reply?: CommandReply;
  /** Since the start: the last moment at which it may be taken up. */
  validUntilMs: number;
  /** Since the start. */
  answeredMs?: number;
  /** Without a reply its sender has given up. */
  isOver: boolean;
}

type Spawn = Extract<Step, { do: 'spawn' }>;

type Message = Extract<Step, { do: 'message' }>;

interface Sending {
  readonly tenant: string;
  readonly isOther?: boolean;
  /** At least once is what the network promises. Default: once. */
  readonly isTwice?: boolean;
  /** Without an answer it is not sent again. Default: it is. */
  readonly isCareless?: boolean;
}

/** People and programs that use the product, as the edge sends their commands. */
export class Client {
  readonly sent: SentCommand[] = [];
  private readonly process: SimProcess;
  private readonly bus: SimBus;
  private commands = 0;

  constructor(private readonly world: Surroundings) {
    this.process = world.process('client', () => 0);
    this.bus = new SimBus(world.network, this.process);
  }

  get isWaiting(): boolean {
    return this.sent.some(({ isOver }) => !isOver);
  }

  spawn(step: Spawn): void {
    const agentId = agentIdOf(derivedId('root', step.root));
    const { again } = step;
    this.spawnAs(step, agentId, `r${step.root}`);
    if (again === undefined) return;
    const path = again.isOther ? `r${step.root}x` : `r${step.root}`;
    this.world.time.after(again.afterMs, () => this.spawnAs(step, agentId, path));
  }

  spawnChild(parent: LoggedAgent): void {
    this.commands += 1;
    const agentId = agentIdOf(derivedId('child of a client', this.commands));
    const task = { description: `${parent.path}.c${this.commands}` };
    const data = { agentId, parentId: parent.agentId, arguments: { task } };
    this.send('SpawnAgent', data, { tenant: parent.tenant });
  }

  act(
    type: 'TerminateAgent' | 'PauseAgent' | 'ResumeAgent',
    agent: LoggedAgent,
    { isTwice = false }: { readonly isTwice?: boolean } = {},
  ): void {
    const { agentId, tenant } = agent;
    const sending = { tenant, isTwice };
    if (type === 'TerminateAgent') this.send(type, { agentId, reason: 'not needed' }, sending);
    else this.send(type, { agentId }, sending);
  }

  tell(
    { agentId, tenant }: LoggedAgent,
    { count, interrupts, isTwice }: Pick<Message, 'count' | 'interrupts' | 'isTwice'>,
  ): void {
    for (let message = 0; message < count; message += 1) {
      const text = `words ${this.commands}`;
      this.send('SendAgentMessage', { agentId, text, interrupts }, { tenant, isTwice });
    }
  }

  extend(
    { agentId, tenant }: LoggedAgent,
    { add, isCareless, isTwice }: Omit<Extract<Step, { do: 'extend' }>, 'do' | 'target'>,
  ): void {
    this.send('ExtendAgent', { agentId, add }, { tenant, isCareless, isTwice });
  }

  answer({ agentId, tenant }: LoggedAgent, toolCallId: string): void {
    const answers = [
      { decision: 'retry' },
      { decision: 'happened', result: 'it did' },
      { decision: 'failed', message: 'it did not' },
    ] as const;
    const answer = this.world.random.fork(`answer/${toolCallId}/${this.commands}`).pick(answers);
    this.send('AnswerAgent', { agentId, toolCallId, answer }, { tenant });
  }

  private spawnAs(step: Spawn, agentId: AgentId, path: string): void {
    const { tenant, seconds, tokens, priority } = step;
    const limits = {
      ...(seconds !== undefined && { seconds }),
      ...(tokens !== undefined && { tokens }),
    };
    const spawn = {
      task: { description: path },
      tools: ['sim__*'],
      limits,
      ...(priority !== undefined && { priority }),
    };
    const isOther = path.endsWith('x');
    this.send('SpawnAgent', { agentId, arguments: spawn }, { tenant, isOther });
  }

  /** Once more when there is no answer in time. */
  private send<Type extends AgentCommandType>(
    type: Type,
    data: AgentCommandData<Type> & { readonly agentId: AgentId },
    { tenant, isCareless = false, isOther = false, isTwice = false }: Sending,
  ): void {
    this.commands += 1;
    const { time } = this.world;
    const { agentId } = data;
    const id = derivedId('command', this.commands);
    const { elapsedMs: atMs } = time;
    const command: SentCommand = {
      ...{ id, type, agentId, atMs, isOther },
      ...{ isOver: false, validUntilMs: atMs },
    };
    this.sent.push(command);
    const inbox = this.bus.openInbox(({ data: said }) => {
      command.reply ??= commandReplySchema.parse(said);
      command.answeredMs ??= time.elapsedMs;
      command.isOver = true;
    });
    const publish = () => {
      const notAfterMs = Math.floor(time.nowMs) + COMMAND_VALID_MS;
      command.validUntilMs = time.elapsedMs + COMMAND_VALID_MS;
      const envelope = { id, type, tenant, principal: 'alice', notAfterMs, data };
      const headers = { [REPLY_HEADER]: inbox.subject };
      this.bus
        .publish(subjects.command('agents', type), envelope, { headers })
        .catch(() => undefined);
    };
    for (let copy = 0; copy < (isTwice ? 2 : 1); copy += 1) publish();
    time.after(COMMAND_VALID_MS, () => {
      if (!command.isOver && !isCareless) publish();
    });
    time.after(2 * COMMAND_VALID_MS + 200, () => {
      command.isOver = true;
      inbox.close();
    });
  }
}
