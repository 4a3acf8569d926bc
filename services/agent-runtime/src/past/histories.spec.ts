import { describe, expect, it } from '@jest/globals';
import { readAgentEvent } from '@skynet/contracts';
import type { LoggedEvent } from '@skynet/domain-agents';
import { MemoryPayloadStore } from '@skynet/platform';
import { loadHistories, type History } from '@skynet/testing';
import { agentStreamModel } from '../owner/agent-stream.js';
import { ModelCatalogue } from '../models/model-catalogue.js';
import { ScriptedModels } from '../models/scripted/scripted.adapter.js';
import { aRegistry } from '../testing/registries.js';
import { AgentVerifier } from './agent-verifier.js';
import { hurriedClock } from './model-rerun.js';

const folder = new URL('../../../../libs/domain/agents/src/histories/', import.meta.url);
const registry = aRegistry();
const tools = {
  models: new ModelCatalogue([new ScriptedModels(registry, hurriedClock)], registry),
  payloads: new MemoryPayloadStore(),
  decider: agentStreamModel.decider,
  trustRequests: true,
};

function eventsOf({ events }: History): LoggedEvent[] {
  return events.map((stored, revision) => ({
    ...readAgentEvent(stored),
    revision,
    timeMs: stored.timeMs,
  }));
}

describe.each(loadHistories(folder, 'v'))('the history $name', (history) => {
  it('is what the rules decide today', async () => {
    const { divergence } = await AgentVerifier.verify(eventsOf(history), tools);
    expect(divergence).toBeUndefined();
  });
});
