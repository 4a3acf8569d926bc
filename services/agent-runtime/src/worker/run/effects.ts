import type { Usage } from '@skynet/contracts';
import { modelOf, NO_USAGE, type SpawnedAgent, type ToolOutcome } from '@skynet/domain-agents';
import {
  attributeNames as names,
  readText,
  serverAttributes,
  WorldError,
  type Clock,
  type PayloadStore,
  type Span,
} from '@skynet/platform';
import type { ModelAnswer, ModelRequest } from '../../models/model.port.js';
import {
  answerContent,
  requestContent,
  responseAttributes,
} from '../../telemetry/chat-attributes.js';
import { shown } from '../../telemetry/message-parts.js';
import { AnswerCache } from '../../kept/answer-cache.js';
import type { CataloguedModel } from '../../models/model-catalogue.js';
import type { LiveText, LiveTexts } from '../../live-text/live-texts.js';
import type { ToolBox } from '../../tools/tool-box.js';
import type { ToldInput, ToolCallRequest, ToolResult } from '../../tools/tool-server.port.js';
import { modelRequest } from '../../prompt/model-request.js';
import type { Strategies } from '../../strategies/strategies.js';
import { strategyTurn } from '../../strategies/strategy-turns.js';
import { AnswerTurns } from '../../pacing/answer-turns.js';
import { userOf } from '../../prompt/granted-tools.js';
import type { Offer } from '../../prompt/offer.js';
import type { OwnTools } from './own-tools.js';
import { keptQuestions, keptResult } from '../../attachments/kept-result.js';
import type { CallReader } from './requested-calls.js';
import {
  failed,
  gone,
  messageOf,
  MODEL_CALL_MAX_MS,
  reasonOf,
  tooLong,
  type ModelEffect,
  type ModelResult,
} from './model-effect.js';
import { isGood, understoodAnswer } from './understood-answer.js';
import type { ProviderTurns } from '../../pacing/providers/provider-turns.js';
import { TimeLimit } from '../../pacing/time-limit.js';

interface AskedModel {
  readonly agent: SpawnedAgent;
  readonly effect: ModelEffect;
  readonly request: ModelRequest;
  readonly onWaited: (ms: number, reason: string) => void;
  /** No call is made. */
  readonly onKept: (saved: ModelResult['fromCache']) => void;
  /** Keeps the answer for the same request of later. */
  readonly onKeepable: (keep: () => void) => void;
  /** Absent: what the model writes is no text of the agent. */
  readonly live?: LiveText;
}

export interface ToolEffect {
  readonly toolCallId: string;
  readonly span: Span;
  /** Told what the server says of its progress. */
  readonly onProgress?: ToolCallRequest['onProgress'];
  /** Puts its questions to people. */
  readonly onQuestion?: ToolCallRequest['onQuestion'];
  /** What it goes on as there. */
  readonly task?: ToolCallRequest['task'];
}

/** The calls to the outside world that a run makes. Each always comes back with an outcome. */
export class Effects {
  /** In which answers are worked through, also when they are recorded. */
  readonly turns = new AnswerTurns();
  private readonly answers: AnswerCache;

  constructor(
    private readonly toolBox: ToolBox,
    private readonly calls: CallReader,
    private readonly means: {
      readonly payloads: PayloadStore;
      readonly clock: Clock;
      readonly providers: ProviderTurns;
      readonly own: OwnTools;
      readonly strategies: Strategies;
      readonly texts: LiveTexts;
    },
  ) {
    this.answers = new AnswerCache(means.clock);
  }

  async callModel(
    agent: SpawnedAgent,
    run: {
      readonly model: CataloguedModel | undefined;
      readonly offer: Offer;
      /** Why there is none, where more is known. */
      readonly whyNoModel?: string;
    },
    effect: ModelEffect,
    signal: AbortSignal,
  ): Promise<ModelResult> {
    const { offer } = run;
    let used: Usage | undefined;
    let waitedMs = 0;
    let fromCache: ModelResult['fromCache'];
    const live = this.means.texts.of(agent, effect);
    try {
      if (run.model === undefined) throw gone(agent, run.whyNoModel);
      const { sees, url } = run.model;
      effect.span.set(serverAttributes(url));
      const { payloads } = this.means;
      const request = await modelRequest(agent, offer, { ...effect, payloads, sees });
      effect.span.setContent((show) => requestContent(request, show));
      const onWaited = (ms: number, reason: string) => {
        waitedMs = ms;
        effect.span.set({ [names.turnWaitedMs]: Math.round(ms), [names.turnReason]: reason });
      };
      const onKept = (saved: typeof fromCache) => (fromCache = saved);
      let keep: () => void = () => undefined;
      const onKeepable = (keeping: () => void) => (keep = keeping);
      const asked = { agent, effect, request, onWaited, onKept, onKeepable, live };
      const answer = await this.answer(run.model, asked, signal);
      used = answer.usage ?? effect.held;
      effect.span.set(responseAttributes(answer));
      effect.span.setContent((show) => answerContent(answer, show));
      const { calls, turns } = this;
      const of = { ...effect, agent, offer };
      const outcome = await understoodAnswer(answer, of, { payloads, calls, turns });
      if (isGood(outcome)) keep();
      const cached = cachedBy(answer);
      live.end(outcome.kind === 'answered' ? 'done' : 'dropped');
      return { usage: used, outcome, waitedMs, cached, fromCache };
    } catch (error) {
      live.end('dropped');
      const nowMs = this.means.clock.nowMs();
      const known = used ?? (signal.aborted ? effect.held : undefined);
      const isCutOff = signal.aborted || effect.waiting.aborted;
      return { ...failed(error, { ...effect, nowMs }, known), waitedMs, isCutOff };
    }
  }

  /** Of the model, or of the strategy that the agent has. */
  private async answer(
    model: CataloguedModel,
    asked: AskedModel,
    signal: AbortSignal,
  ): Promise<ModelAnswer> {
    const { clock } = this.means;
    const basis = { ...model, at: { nowMs: clock.nowMs() } };
    const turn = await strategyTurn(asked.agent, asked.request, basis, this.means);
    if (turn === undefined) return this.inTurn(model, asked, signal);
    if (turn.kind === 'said') return turn.answer;
    const { live: _, ...others } = asked;
    return turn.finish(await this.inTurn(model, { ...others, request: turn.request }, signal));
  }

  /** As the same request was answered before, where the template of the agent allows it. */
  private async inTurn(
    found: CataloguedModel,
    asked: AskedModel,
    signal: AbortSignal,
  ): Promise<ModelAnswer> {
    const place = this.answers.placeOf(asked.agent, asked.request);
    const kept = place && this.answers.get(place);
    if (kept !== undefined) {
      asked.onKept(savedBy(kept));
      const { response: _, ...said } = kept;
      return { ...said, usage: NO_USAGE };
    }
    const answer = await this.called(found, asked, signal);
    if (place !== undefined) asked.onKeepable(() => this.answers.keep(place, answer));
    return answer;
  }

  /** The time that a call may take begins when it is its turn. */
  private called(
    { model, circuit }: CataloguedModel,
    { agent, effect, request, onWaited, live }: AskedModel,
    signal: AbortSignal,
  ): Promise<ModelAnswer> {
    const { clock, providers } = this.means;
    const { held, waiting } = effect;
    const call = { model: modelOf(agent).id, circuit, held, signal, waiting, onWaited };
    return providers.run(call, async () => {
      const limit = new TimeLimit(clock, MODEL_CALL_MAX_MS, signal);
      try {
        return await model.call(request, limit.signal, live?.take);
      } catch (error) {
        throw limit.isOver ? tooLong(error, effect) : error;
      } finally {
        limit.end();
      }
    });
  }

  async callTool(
    agent: SpawnedAgent,
    { toolCallId, span, ...listening }: ToolEffect,
    signal: AbortSignal,
  ): Promise<ToolOutcome> {
    const { tenant, agentId, context } = agent.spawned;
    const asked = askedCall(agent, toolCallId);
    const idempotencyKey =
      agent.toolCalls.get(toolCallId)?.recovery === 'key' ? `${agentId}:${toolCallId}` : undefined;
    try {
      const json = await readText(this.means.payloads, tenant, asked.arguments);
      const input = JSON.parse(json === '' ? '{}' : json) as Record<string, unknown>;
      const { traceparent } = span;
      const user = userOf(agent);
      const told = await this.toldOf(agent, toolCallId);
      const means = { idempotencyKey, traceparent, context, user, ...listening };
      const request = { arguments: input, ...means, told };
      span.set(this.toolBox.peerOf(asked.name));
      span.setContent((show) => ({ [names.toolArguments]: shown(json, show) }));
      const own = this.means.own.call(asked.name, { agent, toolCallId, input, signal });
      const result = await (own ?? this.toolBox.call(asked.name, request, signal));
      span.setContent((show) => ({ [names.toolResult]: shown(result.content, show) }));
      return await this.kept(agent, result);
    } catch (error) {
      const reason = reasonOf(messageOf(error));
      if (error instanceof WorldError && error.retry === 'never')
        return { kind: 'unknown', reason };
      return { kind: 'settled', content: `TOOL_FAILED: ${reason}`, isError: true };
    }
  }

  /** What the server of the call was told of what it wanted to know. */
  private async toldOf(agent: SpawnedAgent, toolCallId: string): Promise<ToldInput | undefined> {
    const { input } = agent.toolCalls.get(toolCallId) ?? {};
    if (input === undefined || input.isOpen) return undefined;
    const { tenant } = agent.spawned;
    const { given, state: kept } = input;
    const state =
      kept === undefined ? undefined : await readText(this.means.payloads, tenant, kept);
    const answers = given.map(({ key, action, content }) => [key, { action, content }] as const);
    return { answers: Object.fromEntries(answers), state };
  }

  /** The call has happened: a result that can't be kept must not look like a call that was never made. */
  private async kept(agent: SpawnedAgent, result: ToolResult): Promise<ToolOutcome> {
    try {
      if (result.asks !== undefined)
        return await keptQuestions(this.means.payloads, agent, result.asks);
      return await keptResult(this.means.payloads, agent, result);
    } catch (error) {
      const reason = reasonOf(`its result could not be kept: ${messageOf(error)}`);
      return { kind: 'unknown', reason };
    }
  }
}

/** A provider may count what it likes; of what is not counted as input nothing can have been cached. */
function cachedBy({ response, usage }: ModelAnswer): ModelResult['cached'] {
  const { cacheReadTokens = 0, savedMicroUsd = 0 } = response ?? {};
  const tokens = Math.min(cacheReadTokens, usage?.inputTokens ?? 0);
  return tokens === 0 ? undefined : { tokens, savedMicroUsd };
}

function savedBy({ usage = NO_USAGE }: ModelAnswer): NonNullable<ModelResult['fromCache']> {
  const { inputTokens, outputTokens, costMicroUsd } = usage;
  return { tokens: inputTokens + outputTokens, savedMicroUsd: costMicroUsd };
}

function askedCall(agent: SpawnedAgent, toolCallId: string) {
  for (const entry of agent.conversation.toReversed()) {
    if (entry.kind !== 'answer') continue;
    const call = entry.toolCalls.find(({ id }) => id === toolCallId);
    if (call !== undefined) return call;
  }
  throw new Error(`${agent.spawned.agentId}: nobody asked for the call ${toolCallId}`);
}
