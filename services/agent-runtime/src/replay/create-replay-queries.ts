import type { Logger, PayloadStore } from '@skynet/platform';
import { ModelCatalogue } from '../models/model-catalogue.js';
import { ScriptedModels } from '../models/scripted/scripted.adapter.js';
import type { Registry } from '../registry/registry.config.js';
import { ToolBox } from '../tools/tool-box.js';
import type { LogSource } from './agent-log.js';
import { hurriedClock } from './model-rerun.js';
import { ReplayQueries } from './replay-queries.js';

/** Only models that are programs, and no tool server: looking at the past reaches for nothing outside. */
export function createReplayQueries(parts: {
  readonly store: LogSource;
  readonly payloads: PayloadStore;
  readonly registry: Registry;
  readonly log: Logger;
}): ReplayQueries {
  const { store, payloads, registry, log } = parts;
  const models = new ModelCatalogue([new ScriptedModels(registry, hurriedClock)], registry);
  const toolBox = new ToolBox(registry, new Map(), log);
  return new ReplayQueries(store, payloads, { models, toolBox, payloads });
}
