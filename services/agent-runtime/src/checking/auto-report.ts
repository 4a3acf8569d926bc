import type { AutoReport } from '@skynet/contracts';
import { chooseModel } from '@skynet/domain-agents';
import { systemClock } from '@skynet/platform';
import { candidatesOf, type FoundCandidate } from '../choosing/candidates.js';
import type { ModelCatalogue } from '../models/model-catalogue.js';
import type { AutoEntry, Registry } from '../registry/registry.config.js';

/** Of a root without grants: what stands in its first request beside the task. */
const REQUEST_BYTES = 8_192;

/** What `auto` chooses among, and what it would choose for the task, if one is given; undefined where nothing is to be chosen. */
export async function autoReport(
  registry: Registry,
  models: ModelCatalogue,
  task: string | undefined,
): Promise<AutoReport | undefined> {
  const { auto } = registry;
  if (auto === undefined) return undefined;
  const of = { tenant: undefined, template: undefined, isAdaptive: false };
  const candidates = await candidatesOf(auto.models, of, {
    models,
    registry: { current: registry },
    clock: systemClock,
    records: { recordOf: () => undefined },
    tenants: { quotasOf: () => ({}) },
  });
  return {
    preference: auto.preference,
    models: candidates.map(toldOf),
    ...(task !== undefined && { choice: choiceFor(task, auto, candidates) }),
  };
}

function toldOf(candidate: FoundCandidate): AutoReport['models'][number] {
  const { id, skill, price, contextTokens, sees, callsTools, isStructured, absence } = candidate;
  return {
    ...{ id, skill, sees, tools: callsTools, structured: isStructured },
    ...(price !== undefined && { price }),
    ...(contextTokens !== undefined && { contextTokens }),
    ...(absence !== undefined && { absence }),
  };
}

function choiceFor(
  text: string,
  { preference }: AutoEntry,
  candidates: readonly FoundCandidate[],
): AutoReport['choice'] {
  const { chosen, reasons, refused } = chooseModel(
    {
      text,
      isStructured: false,
      grants: 0,
      leads: true,
      depth: 0,
      hasImages: false,
      requestBytes: REQUEST_BYTES + Buffer.byteLength(text),
      maxTokens: Math.max(...candidates.map(({ maxTokens }) => maxTokens)),
      costMicroUsd: Infinity,
    },
    candidates,
    preference,
  );
  return {
    ...(chosen !== undefined && { model: chosen.id }),
    reasons: [...reasons],
    refused: [...refused],
  };
}
