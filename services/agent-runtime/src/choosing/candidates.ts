import type { TenantQuotas } from '@skynet/contracts';
import type { Candidate, MeasuredModel } from '@skynet/domain-agents';
import type { Clock } from '@skynet/platform';
import type { CataloguedModel, ModelCatalogue } from '../models/model-catalogue.js';
import type { CurrentRegistry } from '../registry/registry-source.js';
import { knownSkill } from './known-skill.js';

/** Who asks, and whose models are looked at. */
export interface CandidateFor {
  /** Undefined: whoever it is. */
  readonly tenant: string | undefined;
  readonly template: string | undefined;
  /** Whether what became of agents before counts. */
  readonly isAdaptive: boolean;
}

export interface CandidateMeans {
  readonly models: ModelCatalogue;
  readonly registry: CurrentRegistry;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly records: {
    recordOf(
      kind: { readonly tenant: string; readonly template?: string; readonly model: string },
      nowMs: number,
    ): MeasuredModel | undefined;
  };
  readonly tenants: { quotasOf(tenant: string): Pick<TenantQuotas, 'models'> };
}

/** A model that may be chosen, and the model itself where it is there. */
export interface FoundCandidate extends Candidate {
  readonly model?: CataloguedModel;
}

/** What is known of each model; one that is not there, or not the tenant's, says why. */
export function candidatesOf(
  ids: readonly string[],
  of: CandidateFor,
  means: CandidateMeans,
): Promise<FoundCandidate[]> {
  return Promise.all(ids.map((id) => candidateOf(id, of, means)));
}

async function candidateOf(
  id: string,
  asker: CandidateFor,
  means: CandidateMeans,
): Promise<FoundCandidate> {
  const { skill, tools = true, structured = true } = means.registry.current.models[id] ?? {};
  const { tenant } = asker;
  const model = await means.models.find(id, tenant);
  return {
    id,
    model,
    skill: skill ?? knownSkill(id, model?.price),
    ...factsOf(model),
    callsTools: tools,
    isStructured: structured,
    measured: measuredOf(id, asker, means),
    absence: absenceOf(id, tenant, { ...means, model }),
  };
}

function factsOf(
  model: CataloguedModel | undefined,
): Pick<Candidate, 'price' | 'maxTokens' | 'contextTokens' | 'sees'> {
  if (model === undefined) return { price: undefined, maxTokens: 1, sees: false };
  const { price, defaultMaxTokens: maxTokens, contextTokens, sees = false } = model;
  return { price, maxTokens, contextTokens, sees };
}

function measuredOf(
  model: string,
  { tenant, template, isAdaptive }: CandidateFor,
  { records, clock }: CandidateMeans,
): MeasuredModel | undefined {
  if (!isAdaptive || tenant === undefined) return undefined;
  const kind = { tenant, model, ...(template !== undefined && { template }) };
  return records.recordOf(kind, clock.nowMs());
}

function absenceOf(
  id: string,
  tenant: string | undefined,
  { model, models, tenants }: CandidateMeans & { readonly model: CataloguedModel | undefined },
): string | undefined {
  if (model === undefined) return models.explainUnknown(id, tenant);
  const allowed = tenant === undefined ? undefined : tenants.quotasOf(tenant).models;
  return allowed?.includes(id) === false ? 'the tenant may not use it' : undefined;
}
