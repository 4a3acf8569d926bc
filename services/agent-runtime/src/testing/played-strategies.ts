import type {
  AgentEventData,
  AgentId,
  RequestedStrategy,
  SpawnArguments,
  Text,
} from '@skynet/contracts';
import { ModelError, type ModelRequest } from '../models/model.port.js';
import { taskOf } from '../models/scripted/conversation-reading.js';
import type { Registry } from '../registry/registry.config.js';
import { RuntimeWorld, type WorldClock } from './runtime-world.js';
import { endWorld } from './world-of-test.js';

export interface Asked {
  /** All that its model was asked. */
  readonly task: string;
  readonly request: ModelRequest;
}

/** What models say: for one of the strategy's own turns, and for one of the agents below it. */
export interface Play {
  readonly own?: (asked: Asked) => string | undefined;
  readonly part?: (asked: Asked) => string | Promise<string>;
  /** What the tasks of agents below it begin with or hold. Default: `part`. */
  readonly whole?: RegExp;
}

export interface Played {
  readonly agentId: AgentId;
  readonly status: string;
  readonly output: string;
  readonly children: number;
  /** What the agent said and reported, turn by turn. */
  readonly reasons: readonly string[];
  readonly asked: readonly Asked[];
}

/** Models that are puppets of one play, below agents with a strategy. */
export class PlayedStrategies {
  private current: AgentId | undefined;
  private play: Play = {};
  private asked: Asked[] = [];

  private constructor(readonly world: RuntimeWorld) {}

  static async start(
    clock: WorldClock,
    registry: Partial<Registry> = {},
  ): Promise<PlayedStrategies> {
    const world = await RuntimeWorld.create(clock, { defaultModel: 'puppet:any', ...registry });
    await world.start();
    const played = new PlayedStrategies(world);
    void played.answerAll();
    return played;
  }

  end(): Promise<void> {
    return endWorld(this.world);
  }

  /** Until the agent has ended. */
  async run(
    strategy: RequestedStrategy,
    play: Play = {},
    args: Partial<SpawnArguments> = {},
  ): Promise<Played> {
    const { world } = this;
    this.play = play;
    this.asked = [];
    const agentId = await world.spawn({ strategy, ...args });
    this.current = agentId;
    const { status, output, partial } = await world.ended(agentId);
    return {
      agentId,
      status,
      output: inline(output ?? partial),
      children: world.eventsOf(agentId).filter(({ type }) => type === 'ChildReserved').length,
      reasons: this.reasonsOf(agentId),
      asked: this.asked,
    };
  }

  /** To the agent that runs. */
  async say(text: string): Promise<void> {
    if (this.current === undefined) throw new Error('no agent runs');
    await this.world.send('SendAgentMessage', { agentId: this.current, text, interrupts: false });
  }

  private async answerAll(): Promise<never> {
    for (;;) {
      const held = await this.world.models.next();
      const { request } = held;
      const {
        own = ({ task }) => task,
        part = ({ task }) => `done: ${task}`,
        whole = /^part/,
      } = this.play;
      const one = { task: wholeOf(request), request };
      this.asked.push(one);
      const text = whole.test(taskOf(request)) ? await part(one) : own(one);
      if (text === 'FAIL') held.fail(new ModelError('told to fail', { retryable: false }));
      else held.answer({ text: text ?? '' });
    }
  }

  /** What its log says is decided again in the same way. */
  async verified(agentId: AgentId) {
    const { verification } = await this.world.ask('verify', { tenant: 'acme', agentId });
    return verification;
  }

  private reasonsOf(agentId: AgentId): string[] {
    return this.world.eventsOf(agentId).flatMap(({ type, data }) => {
      if (type === 'ProgressReported')
        return [(data as AgentEventData<'ProgressReported'>).message];
      if (type !== 'ModelCallSettled') return [];
      const { outcome } = data as AgentEventData<'ModelCallSettled'>;
      return outcome.kind === 'answered' ? [inline(outcome.text)] : [];
    });
  }
}

function wholeOf({ messages }: ModelRequest): string {
  const [first] = messages;
  return first?.role === 'user' ? first.text : '';
}

function inline(text: Text | undefined): string {
  return typeof text === 'string' ? text : '';
}
