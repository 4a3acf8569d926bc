import type { PayloadStore } from '@skynet/platform';
import { ModelCatalogue } from '../models/model-catalogue.js';
import { ScriptedModels } from '../models/scripted/scripted.adapter.js';
import type { CurrentRegistry } from '../registry/registry-source.js';
import type { LogSource } from '../past/agent-log.js';
import { hurriedClock } from '../past/model-rerun.js';
import { Strategies } from '../strategies/strategies.js';
import { ReplayQueries } from './replay-queries.js';

/** Only models that are programs, and no tool server: looking at the past reaches for nothing outside. */
export function createReplayQueries(parts: {
  readonly store: LogSource;
  readonly payloads: PayloadStore;
  readonly registry: CurrentRegistry;
}): ReplayQueries {
  const { store, payloads, registry } = parts;
  const models = new ModelCatalogue([new ScriptedModels(registry, hurriedClock)], registry);
  const strategies = new Strategies(registry);
  return new ReplayQueries(store, payloads, { models, payloads, strategies });
}
