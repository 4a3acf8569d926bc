import type { TenantQuotas } from '@skynet/contracts';
import type { Candidate } from '@skynet/domain-agents';
import type { CataloguedModel, ModelCatalogue } from '../models/model-catalogue.js';
import type { CurrentRegistry } from '../registry/registry-source.js';
import { knownSkill } from './known-skill.js';

export interface CandidateMeans {
  readonly models: ModelCatalogue;
  readonly registry: CurrentRegistry;
  readonly tenants: { quotasOf(tenant: string): Pick<TenantQuotas, 'models'> };
}

/** A model that may be chosen, and the model itself where it is there. */
export interface FoundCandidate extends Candidate {
  readonly model?: CataloguedModel;
}

/** What is known of each model; one that is not there, or not the tenant's, says why. */
export function candidatesOf(
  ids: readonly string[],
  tenant: string,
  means: CandidateMeans,
): Promise<FoundCandidate[]> {
  return Promise.all(ids.map((id) => candidateOf(id, tenant, means)));
}

async function candidateOf(
  id: string,
  tenant: string,
  means: CandidateMeans,
): Promise<FoundCandidate> {
  const { skill, tools = true, structured = true } = means.registry.current.models[id] ?? {};
  const model = await means.models.find(id, tenant);
  return {
    id,
    model,
    skill: skill ?? knownSkill(id, model?.price),
    ...factsOf(model),
    callsTools: tools,
    isStructured: structured,
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

function absenceOf(
  id: string,
  tenant: string,
  { model, models, tenants }: CandidateMeans & { readonly model: CataloguedModel | undefined },
): string | undefined {
  if (model === undefined) return models.explainUnknown(id, tenant);
  const allowed = tenants.quotasOf(tenant).models;
  return allowed?.includes(id) === false ? 'the tenant may not use it' : undefined;
}
