import type { Price } from '@skynet/contracts';
import type { Refused } from '@skynet/kernel';
import { autoFor, isAuto } from '../choosing/auto-models.js';
import type { Registry } from '../registry/registry.config.js';
import { isFor } from '../registry/tenants.js';
import { refused } from './refused.js';

/** The cheaper one first. */
export const byPrice = (one: Price, other: Price) =>
  one.outputMicroUsdPerMillion - other.outputMicroUsdPerMillion ||
  one.inputMicroUsdPerMillion - other.inputMicroUsdPerMillion;

/** The model that is asked for, or `auto` where one is to be chosen among several. */
export function namedModel(
  registry: Registry,
  modelId: string | undefined,
  tenant: string,
): string | Refused {
  if (modelId !== undefined && !isAuto(modelId)) {
    return modelId.startsWith('auto:') ? refused('UNKNOWN_MODEL', ONLY_AUTO) : modelId;
  }
  const ofAuto = registry.refused['auto'];
  const wrong = `The registry says wrongly what auto is: ${ofAuto}.`;
  if (ofAuto !== undefined) return refused('UNKNOWN_MODEL', wrong);
  // Who names no model gets the registry's default, where it has one.
  const standing = registry.fallback === undefined ? registry.defaultModel : 'auto';
  const asked = modelId ?? standing;
  const auto = autoFor(registry, asked, tenant);
  if (auto !== undefined) return onlyOne(auto.models) ?? asked;
  const why = whyNoDefault(registry, tenant);
  return why === undefined ? registry.defaultModel : refused('UNKNOWN_MODEL', why);
}

function onlyOne(ids: readonly string[]): string | undefined {
  return ids.length === 1 ? ids[0] : undefined;
}

const ONLY_AUTO = 'It is auto, auto:cost, auto:balanced or auto:quality.';

/** Undefined when there is a default model for the tenant. */
function whyNoDefault(registry: Registry, tenant: string): string | undefined {
  const why = registry.refused['defaultModel'];
  if (why !== undefined) return `The registry names no default model: ${why}.`;
  if (isFor(registry, `models.${registry.defaultModel}`, tenant)) return undefined;
  return 'The registry names no default model.';
}
