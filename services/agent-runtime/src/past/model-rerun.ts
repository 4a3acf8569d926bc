import type { AgentEvent, AgentEventData, PayloadRef, Text } from '@skynet/contracts';
import {
  askedAs,
  modelOf,
  type Divergence,
  type LoggedEvent,
  type Prompt,
  type SpawnedAgent,
} from '@skynet/domain-agents';
import {
  hashOf,
  MemoryPayloadStore,
  readText,
  storeText,
  systemClock,
  type Clock,
  type PayloadStore,
} from '@skynet/platform';
import type { CataloguedModel, ModelCatalogue } from '../models/model-catalogue.js';
import {
  ModelError,
  type ModelAnswer,
  type ModelRequest,
  type ModelTool,
} from '../models/model.port.js';
import { NOTHING_LEFT, readNote } from '../strategies/strategy-note.js';
import { Strategies } from '../strategies/strategies.js';
import { strategyTurn } from '../strategies/strategy-turns.js';
import type { WrittenTurn } from '../strategies/turn-writer.js';
import { readCall } from '../output/read-call.js';
import { modelRequest } from '../prompt/model-request.js';
import { ownTools } from '../prompt/granted-tools.js';
import { makeOffer, type Offer } from '../prompt/offer.js';

/** Time in which nothing has to be waited for. */
export const hurriedClock: Clock = {
  ...systemClock,
  timer: (_afterMs, callback) => {
    const handle = setImmediate(callback);
    return () => clearImmediate(handle);
  },
};

/** What to believe of a log. */
export interface VerifyOptions {
  /** For logs of other releases: what models were offered then is not known here. Default: false. */
  readonly trustRequests?: boolean;
}

export interface RerunDependencies extends VerifyOptions {
  /** Of models that need no network. */
  readonly models: ModelCatalogue;
  readonly payloads: PayloadStore;
  /** Default: those that come with the product. */
  readonly strategies?: Strategies;
}

const shipped = new Strategies();

const NO_CALL = { held: { outputTokens: 0 }, windDown: false, summaryFor: undefined };

type Settled = AgentEventData<'ModelCallSettled'>;

/** What a model is asked and what it answers, worked out again. */
export class ModelRerun {
  private offer: Offer | undefined;
  private offered: ModelTool[] | undefined;
  private ownKnowsRequests = false;

  private constructor(
    private readonly agent: SpawnedAgent,
    private model: CataloguedModel | undefined,
    private readonly deps: RerunDependencies,
  ) {}

  static async of(agent: SpawnedAgent, deps: RerunDependencies): Promise<ModelRerun> {
    const model = await deps.models.find(agent.spawned.spec.model.id);
    return new ModelRerun(agent, model, deps);
  }

  /**
   * From here on requests offer what was recorded; where nothing was, nobody can tell what they offered.
   * False: what was recorded is not there.
   */
  async offerFrom(recorded: PayloadRef | null): Promise<boolean> {
    const { agent, deps } = this;
    const { tenant } = agent.spawned;
    const text = recorded === null ? undefined : await deps.payloads.get(tenant, recorded);
    const offered = text === undefined ? undefined : (JSON.parse(text) as ModelTool[]);
    this.offered = offered;
    await this.makeOffer();
    this.ownKnowsRequests = offered !== undefined && deps.trustRequests !== true;
    return recorded === null || text !== undefined || deps.trustRequests === true;
  }

  /** From here on this model is asked. */
  async ask(id: string): Promise<void> {
    this.model = await this.deps.models.find(id);
    await this.makeOffer();
  }

  private async makeOffer(): Promise<void> {
    const { agent, model, offered } = this;
    const { payloads } = this.deps;
    const granted = { tools: offered ?? ownTools(agent), recoveries: {}, leftOut: [] };
    this.offer = await makeOffer(agent, model, { ...granted, payloads });
  }

  /** Whether requests of this run can be rebuilt, to the letter. */
  get knowsRequests(): boolean {
    return this.ownKnowsRequests;
  }

  /** What such a request carries beside its conversation; without the model its overhead is unknown. */
  get prompt(): Prompt {
    if (this.deps.trustRequests === true) return { isTrusted: true };
    if (!this.knowsRequests || this.offer === undefined) return {};
    const { promptBytes, promptHash } = this.offer.context;
    return this.model === undefined ? { promptHash } : { promptBytes, promptHash };
  }

  /** Asks again; a divergence when the recorded answer is another one. `unknown`: it came from outside. */
  async check(
    agent: SpawnedAgent,
    recorded: Extract<LoggedEvent, { readonly type: 'ModelCallSettled' }>,
  ): Promise<Divergence | 'same' | 'unknown'> {
    const call = agent.modelCall;
    const { outcome } = recorded.data;
    const { offer } = this;
    if (offer === undefined || call === undefined) return 'unknown';
    const asked = askedAs(agent);
    const model = asked === agent ? this.model : await this.deps.models.find(modelOf(asked).id);
    if (wasNotMade(recorded.data)) return 'unknown';
    const answer = await this.answerOf(asked, { model, offer }, outcome);
    if (answer === undefined || isOutside(outcome, answer)) return 'unknown';
    const takesCalls = !call.windDown && call.summaryFor === undefined;
    const expected = await this.settled(recorded.data, answer, takesCalls);
    if (hashOf(expected) === hashOf(recorded.data)) return 'same';
    const event = (data: Settled): AgentEvent => ({ type: 'ModelCallSettled', data });
    return {
      revision: recorded.revision,
      recorded: event(recorded.data),
      expected: event(expected),
      reason: 'the model answers the same request otherwise',
    };
  }

  /** Undefined when it would have to be asked of a model outside. */
  private async answerOf(
    agent: SpawnedAgent,
    { model: found, offer }: { readonly model: CataloguedModel | undefined; readonly offer: Offer },
    outcome: Settled['outcome'],
  ): Promise<ModelAnswer | ModelError | undefined> {
    const { held, windDown, summaryFor } = agent.modelCall ?? NO_CALL;
    const settings = {
      maxTokens: held.outputTokens,
      windDown,
      summarises: summaryFor !== undefined,
      payloads: this.deps.payloads,
      sees: found?.sees,
    };
    const request = await modelRequest(agent, offer, settings);
    try {
      const turn = await this.strategyTurn(agent, request, outcome);
      if (turn?.kind === 'said') return turn.answer;
      if (found === undefined) return undefined;
      const call = (asked: ModelRequest) => found.model.call(asked, new AbortController().signal);
      return turn === undefined ? await call(request) : turn.finish(await call(turn.request));
    } catch (error) {
      if (error instanceof ModelError) return error;
      return new ModelError(String((error as Error).message), { retryable: false });
    }
  }

  /** Decided on what the recorded turn was decided on. */
  private async strategyTurn(
    agent: SpawnedAgent,
    request: ModelRequest,
    outcome: Settled['outcome'],
  ): Promise<WrittenTurn | undefined> {
    const { payloads, strategies = shipped } = this.deps;
    const text = outcome.kind === 'answered' ? outcome.thinking : undefined;
    const thinking = text && (await readText(payloads, agent.spawned.tenant, text));
    const at = { left: readNote(thinking)?.left ?? NOTHING_LEFT };
    const { overheadBytes = 0, contextTokens } = this.model ?? {};
    return strategyTurn(
      agent,
      request,
      { at, overheadBytes, contextTokens },
      { payloads, strategies },
    );
  }

  private async settled(
    recorded: Settled,
    answer: ModelAnswer | ModelError,
    takesCalls: boolean,
  ): Promise<Settled> {
    const { callId } = recorded;
    if (answer instanceof ModelError) {
      const { retryable } = answer.details;
      const outcome = { kind: 'failed', message: answer.message, retryable } as const;
      return { callId, usage: recorded.usage, outcome };
    }
    const scratch = new MemoryPayloadStore();
    const keep = (text: string): Promise<Text> => storeText(scratch, 'replay', text);
    const calls = takesCalls ? answer.toolCalls : [];
    const toolCalls = await Promise.all(
      calls.map(async (asked, index) => {
        const { call } = await readCall(asked, `${callId}_${index}`, keep);
        return call;
      }),
    );
    const text = await keep(answer.text);
    const thinking = answer.thinking === undefined ? {} : { thinking: await keep(answer.thinking) };
    // Usage is counted over the offered tools as well.
    const usage = (this.knowsRequests ? answer.usage : undefined) ?? recorded.usage;
    const cached = recorded.cached === undefined ? {} : { cached: recorded.cached };
    const outcome = { kind: 'answered' as const, text, toolCalls, ...thinking };
    return { callId, usage, ...cached, outcome };
  }
}

/** To its end, or at all. */
function wasNotMade({ outcome, fromCache }: Settled): boolean {
  return fromCache !== undefined || outcome.kind === 'lost' || outcome.kind === 'interrupted';
}

/** A call that was cut off, or that the world prevented, failed for reasons that the model knows nothing of. */
function isOutside(outcome: Settled['outcome'], answer: ModelAnswer | ModelError): boolean {
  if (outcome.kind !== 'failed') return false;
  if (outcome.message === 'given up') return true;
  return !(answer instanceof ModelError) && outcome.retryable;
}
