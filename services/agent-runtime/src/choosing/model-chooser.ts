import type { AgentEventData } from '@skynet/contracts';
import {
  chooseModel,
  estimateOf,
  modelOf,
  refusalOf,
  type ModelChoice,
  type SpawnedAgent,
  type TaskFacts,
} from '@skynet/domain-agents';
import type { PayloadStore } from '@skynet/platform';
import type { CataloguedModel } from '../models/model-catalogue.js';
import type { AutoEntry } from '../registry/registry.config.js';
import { factsOf } from './agent-facts.js';
import { autoFor, isAuto } from './auto-models.js';
import {
  candidatesOf,
  type CandidateFor,
  type CandidateMeans,
  type FoundCandidate,
} from './candidates.js';

export interface ChooserMeans extends CandidateMeans {
  readonly payloads: PayloadStore;
}

/** A model, and what the log is to say of the choice; or why there is none. */
export type ChosenModel =
  | { readonly model: CataloguedModel; readonly chosen: AgentEventData<'ModelChosen'> }
  | { readonly model: undefined; readonly why: string };

/** A call that failed for good. */
export interface FailedModel {
  readonly message: string;
  /** It was answered that there is no answer to this. */
  readonly isRefusal: boolean;
}

/** Of a failure, as reasons have it. */
const REASON_MAX_CHARS = 200;
/** Most models that take over from another one in the life of an agent. */
const MAX_FALLBACKS = 8;

/** Which model an agent is asked of, where that is not said by its specification. */
export class ModelChooser {
  constructor(private readonly means: ChooserMeans) {}

  /** The model of an agent that was spawned with `auto`; undefined of others, and of one that has its model by now. */
  async first(agent: SpawnedAgent, promptBytes: number): Promise<ChosenModel | undefined> {
    const { spec, tenant } = agent.spawned;
    if (!isAuto(spec.model.id) || agent.model !== undefined) return undefined;
    const auto = autoFor(this.means.registry.current, spec.model.id, tenant);
    if (auto === undefined)
      return { model: undefined, why: 'the registry names no models for auto' };
    const facts = await factsOf(agent, promptBytes, this.means.payloads);
    const candidates = await candidatesOf(auto.models, askerOf(agent, auto), this.means);
    const choice = chooseModel(facts, candidates, auto.preference);
    return found(choice, candidates, { facts }) ?? { model: undefined, why: whyNone(choice) };
  }

  /** What takes the turn over from the agent's model; undefined when nothing does. */
  async next(
    agent: SpawnedAgent,
    promptBytes: number,
    failure: FailedModel,
  ): Promise<Extract<ChosenModel, { readonly chosen: object }> | undefined> {
    const { id: from } = modelOf(agent);
    const { ids, ranked } = this.chainOf(agent, failure);
    if (ids.length === 0) return undefined;
    const facts = await factsOf(agent, promptBytes, this.means.payloads);
    const candidates = await candidatesOf(ids, askerOf(agent, ranked), this.means);
    const choice =
      ranked === undefined
        ? firstOf(facts, candidates)
        : chooseModel(facts, candidates, ranked.preference);
    const reasons = [failure.message.slice(0, REASON_MAX_CHARS).toWellFormed(), ...choice.reasons];
    return found({ ...choice, reasons }, candidates, { facts, from });
  }

  /** What may take over and was not tried; `ranked`: the best of them does, else the first. */
  private chainOf(
    agent: SpawnedAgent,
    { isRefusal }: FailedModel,
  ): { readonly ids: readonly string[]; readonly ranked?: AutoEntry | undefined } {
    const { spec, tenant } = agent.spawned;
    const { current } = this.means.registry;
    const auto = autoFor(current, spec.model.id, tenant);
    const { onRefusal, models } = auto ?? current.fallbacks?.[spec.model.id] ?? NO_FALLBACKS;
    const tried = triedBy(agent);
    if ((isRefusal && !onRefusal) || tried.length > MAX_FALLBACKS) return { ids: [] };
    const isLeft = (id: string) => !tried.includes(id);
    if (auto?.fallback !== undefined) return { ids: auto.fallback.filter(isLeft) };
    return { ids: models.filter(isLeft), ranked: auto };
  }
}

function askerOf({ spawned }: SpawnedAgent, auto: AutoEntry | undefined): CandidateFor {
  const { tenant, spec } = spawned;
  return { tenant, template: spec.template, isAdaptive: auto?.adaptive === true };
}

function triedBy(agent: SpawnedAgent): string[] {
  const { triedModels = [] } = agent;
  return [...triedModels.map(({ model }) => model), modelOf(agent).id];
}

const NO_FALLBACKS = { models: [], onRefusal: false };

/** The first one of a chain that can do the task. */
function firstOf(facts: TaskFacts, candidates: readonly FoundCandidate[]): ModelChoice {
  const refused: { model: string; reason: string }[] = [];
  for (const candidate of candidates) {
    const reason = refusalOf(facts, candidate);
    const { price } = candidate;
    if (reason === undefined && price !== undefined) {
      const estimate = estimateOf(facts, price);
      return { chosen: candidate, reasons: ['the next one of its chain'], refused, estimate };
    }
    refused.push({ model: candidate.id, reason: reason ?? 'its price is unknown' });
  }
  return { chosen: undefined, reasons: [], refused, estimate: { turns: 1, costMicroUsd: 0 } };
}

function found(
  { chosen, reasons, refused, estimate }: ModelChoice,
  candidates: readonly FoundCandidate[],
  { facts, from }: { readonly facts: TaskFacts; readonly from?: string },
): Extract<ChosenModel, { readonly chosen: object }> | undefined {
  const candidate = candidates.find(({ id }) => id === chosen?.id);
  const { model, price } = candidate ?? {};
  if (candidate === undefined || model === undefined || price === undefined) return undefined;
  const maxTokens = Math.min(facts.maxTokens, model.defaultMaxTokens);
  return {
    model,
    chosen: {
      model: { id: candidate.id, maxTokens, price },
      ...(from !== undefined && { from }),
      reasons: [...reasons],
      refused: refused.map(({ model: id, reason }) => ({
        model: id,
        reason: reason.slice(0, REASON_MAX_CHARS).toWellFormed(),
      })),
      estimate,
    },
  };
}

function whyNone({ refused }: ModelChoice): string {
  return refused.map(({ model, reason }) => `${model}: ${reason}`).join('; ');
}
