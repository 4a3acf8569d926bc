import { available, liveChildren, type SpawnedAgent } from '@skynet/domain-agents';
import { readText, type PayloadStore } from '@skynet/platform';
import { ModelError, type ModelRequest } from '../models/model.port.js';
import { objectInJson } from '../output/parsed-json.js';
import { splitTask } from '../prompt/offer.js';
import { WIND_DOWN } from '../prompt/wind-down.js';
import { broughtBy, lacking } from './contract/joining.js';
import type { Left, Strategy, StrategyTurn, Titled } from './contract/strategy.port.js';
import type { Strategies } from './strategies.js';
import { TurnWriter, type WrittenTurn } from './turn-writer.js';
import { toldConversation, type ToldConversation } from './told-conversation.js';

/** What a turn is decided on beside the agent and its request. */
export interface TurnBasis {
  /** Milliseconds of the wall clock; or what the turn was decided on when it was taken. */
  readonly at: { readonly nowMs: number } | { readonly left: Left };
  /** Of the provider, in bytes. */
  readonly overheadBytes: number;
  /** Of the model, when it is known. */
  readonly contextTokens?: number;
}

export interface TurnMeans {
  readonly payloads: PayloadStore;
  readonly strategies: Strategies;
}

/** A strategy that comes to no end is ended. */
const MOST_TURNS = 500;

/**
 * The turn of an agent that has a strategy: said by that, or asked of the model in its words. Undefined: the model is asked as
 * that of any agent.
 *
 * @throws ModelError when the strategy can't say what comes next
 */
export async function strategyTurn(
  agent: SpawnedAgent,
  request: ModelRequest,
  basis: TurnBasis,
  { payloads, strategies }: TurnMeans,
): Promise<WrittenTurn | undefined> {
  const { tenant, spec } = agent.spawned;
  if (spec.strategy === undefined || agent.modelCall?.summaryFor !== undefined) return undefined;
  const { name } = spec.strategy;
  const found = await foundStrategy(name, strategies);
  const parameters = objectInJson(await readText(payloads, tenant, spec.strategy.parameters));
  const told = toldConversation(request.messages);
  if (told.turns >= MOST_TURNS) throw broken(`The strategy ${name} took ${MOST_TURNS} turns.`);
  const left = 'left' in basis.at ? basis.at.left : leftOf(agent, basis.at.nowMs);
  const writer = new TurnWriter(agent, request, {
    ...{ ...basis, left, told },
    ...splitTask(wholeTask(request)),
  });
  if (told.isAlone) return writer.alone();
  const end = endOf(agent, told);
  if (end === undefined && told.isInterrupted) return writer.awaiting();
  return writer.write(end ?? (await decided(found, { parameters, told, left, request })));
}

async function foundStrategy(name: string, strategies: Strategies): Promise<Strategy> {
  try {
    const found = await strategies.find(name);
    if (found !== undefined) return found;
  } catch (error) {
    throw broken(`The strategy ${name} can not be used any more: ${reasonOf(error)}`, error);
  }
  throw broken(`The strategy ${name} is not there any more.`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What is left when this turn has cost nothing. */
function leftOf(agent: SpawnedAgent, nowMs: number): Left {
  const { limits } = agent.spawned;
  const { tokens, costMicroUsd, descendants } = available({ ...agent, modelCall: undefined });
  return {
    tokens: Math.max(0, tokens),
    costMicroUsd: Math.max(0, costMicroUsd),
    descendants: Math.max(0, descendants),
    children: Math.max(0, limits.children - liveChildren(agent).length),
    depth: limits.depth,
    seconds: Math.max(0, Math.floor((limits.deadlineMs - nowMs) / 1_000)),
  };
}

function wholeTask({ messages }: ModelRequest): string {
  const [first] = messages;
  return first?.role === 'user' ? first.text : '';
}

/** Where there is no next turn to decide: the budget is used up, or its earlier turns are gone. */
function endOf(agent: SpawnedAgent, told: ToldConversation): StrategyTurn | undefined {
  const results = told.steps.flatMap((step) => step.results);
  const all = { results: resultsAndThoughts(told), missing: lacking(results) };
  if (agent.modelCall?.windDown === true) return { kind: 'answer', ...all, instruction: WIND_DOWN };
  if (!told.isCut) return undefined;
  const instruction =
    'Your earlier turns were left out of this conversation. Answer the task from what is here.';
  return { kind: 'answer', ...all, instruction };
}

function resultsAndThoughts({ steps }: ToldConversation): Titled[] {
  return steps.flatMap(({ stage, text, results }) =>
    results.length === 0 ? [{ title: stage, text }] : broughtBy(results),
  );
}

interface Asked {
  readonly parameters: unknown;
  readonly told: ToldConversation;
  readonly left: Left;
  readonly request: ModelRequest;
}

async function decided(
  strategy: Strategy,
  { parameters, told: { steps }, left, request }: Asked,
): Promise<StrategyTurn> {
  const { price } = request;
  try {
    return await strategy.next({
      parameters,
      ...splitTask(wholeTask(request)),
      steps,
      left,
      price,
    });
  } catch (error) {
    throw broken(`The strategy ${strategy.name} broke: ${reasonOf(error)}`, error);
  }
}

function broken(message: string, cause?: unknown): ModelError {
  return new ModelError(message, { retryable: false, cause });
}
