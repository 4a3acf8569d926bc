import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentEvent, AgentEventData, AgentId, Verification } from '@skynet/contracts';
import type { AgentDecider } from '@skynet/domain-agents';
import { isRefused } from '@skynet/kernel';
import type { StoredEvent } from '@skynet/platform';
import { agentStreamModel } from '../owner/agent-stream.js';
import { ModelCatalogue } from '../models/model-catalogue.js';
import type { ModelProvider } from '../models/model.port.js';
import { ScriptedModels } from '../models/scripted/scripted.adapter.js';
import { aRegistry } from '../testing/registries.js';
import type { RuntimeWorld } from '../testing/runtime-world.js';
import { endWorld, startedWorld } from '../testing/world-of-test.js';
import { ManualClock } from '@skynet/testing';
import { hurriedClock } from './model-rerun.js';
import { readTreeLog } from './tree-log.js';
import { verifyTree } from './tree-verifier.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await startedWorld(new ManualClock());
});
afterEach(() => endWorld(world));

const registry = aRegistry();
const shipped = new ScriptedModels(registry, hurriedClock);

async function aTree(depth = 3, fanOut = 3): Promise<AgentId> {
  const description = JSON.stringify({ depth, fanOut });
  const rootId = await world.spawn({ description, model: { id: 'scripted:tree' } });
  await world.ended(rootId);
  return rootId;
}

interface Changes {
  readonly event?: (event: StoredEvent) => StoredEvent;
  readonly decider?: AgentDecider;
  readonly models?: ModelProvider;
}

async function verified(rootId: AgentId, changes: Changes = {}): Promise<Verification> {
  const store = {
    read: async (stream: string) => {
      const events = await world.store.read(stream);
      return events.map((event) => changes.event?.(event) ?? event);
    },
  };
  const tree = await readTreeLog(store, 'acme', rootId);
  if (tree === undefined) throw new Error(`no tree ${rootId}`);
  return verifyTree(tree, {
    models: new ModelCatalogue([changes.models ?? shipped], registry),
    payloads: world.payloads,
    decider: changes.decider,
  });
}

describe('a tree that stands in the log as it was decided', () => {
  it('verifies, every decision, request and answer of it', async () => {
    const rootId = await aTree();
    const { divergence, ...counts } = await verified(rootId);
    expect(divergence).toBeUndefined();
    expect(counts).toMatchObject({
      agents: 13,
      requests: { checked: 26, unchecked: 0 },
      answers: { checked: 26, unchecked: 0 },
    });
  });

  it('verifies with the tools of servers that it was offered, though none is asked', async () => {
    const agentId = await world.spawn({ tools: ['tools__act'] });
    const act = { name: 'tools__act', arguments: '{}' };
    (await world.models.next()).answer({ toolCalls: [act] });
    (await world.tools.next()).answer({ content: 'done', isError: false });
    (await world.models.next()).answer({ text: 'all done' });
    await world.ended(agentId);
    const { divergence, requests } = await verified(agentId);
    expect(divergence).toBeUndefined();
    expect(requests).toEqual({ checked: 2, unchecked: 0 });
  });

  it('verifies as far as it can where an older release did not record the tools', async () => {
    const agentId = await world.spawn();
    (await world.models.next()).answer({ text: 'done' });
    await world.ended(agentId);
    const event = (each: StoredEvent) => (each.type === 'RunStarted' ? asInVersion1(each) : each);
    const { divergence, requests } = await verified(agentId, { event });
    expect(divergence).toBeUndefined();
    expect(requests).toEqual({ checked: 0, unchecked: 1 });
  });

  it('verifies up to its end while it is still alive', async () => {
    const agentId = await world.spawn();
    const call = { name: 'report_progress', arguments: '{"message":"half"}' };
    (await world.models.next()).answer({ toolCalls: [call] });
    await world.models.next();
    const { divergence, answers } = await verified(agentId);
    expect(divergence).toBeUndefined();
    expect(answers).toEqual({ checked: 0, unchecked: 1 });
  });

  it('is verified by the owner, for its tenant only', async () => {
    const rootId = await aTree(2, 2);
    const { verification } = await world.ask('verify', { tenant: 'acme', agentId: rootId });
    expect(verification).toMatchObject({ agents: 3 });
    expect(verification).not.toHaveProperty('divergence');
    expect(await world.ask('verify', { tenant: 'globex', agentId: rootId })).toEqual({});
  });
});

function asInVersion1(event: StoredEvent): StoredEvent {
  const { epoch, dispatchId, workerId } = event.data as AgentEventData<'RunStarted'>;
  return { ...event, version: 1, data: { epoch, dispatchId, workerId } };
}

/** Says something else than was recorded, in the first field that can say it. */
function altered(event: StoredEvent): StoredEvent | undefined {
  const data = JSON.stringify(event.data);
  const change = (pattern: RegExp, by: string) =>
    pattern.test(data)
      ? { ...event, data: JSON.parse(data.replace(pattern, by)) as unknown }
      : undefined;
  switch (event.type) {
    case 'AgentSpawned':
    case 'AgentAdmitted':
    case 'AgentParked':
    case 'AgentWoken':
    case 'AgentTerminated':
      return undefined;
    case 'RunStarted':
      return change(/"epoch":1/, '"epoch":7');
    case 'ModelCallStarted':
      return change(/"requestHash":"./, '"requestHash":"z');
    case 'ModelCallSettled':
      return change(/"text":"/, '"text":"!');
    case 'ProgressReported':
      return change(/working/, 'idling');
    case 'ChildReserved':
      return change(/"tokens":\d/, '"tokens":9');
    case 'ToolCallSettled':
      return change(/"content":"/, '"content":"!');
    case 'AwaitStarted':
      return change(/"needed":\d/, '"needed":9');
    case 'AwaitEnded':
      return change(/"met"/, '"deadline"');
    case 'ChildEnded':
      return change(/"inputTokens":\d/, '"inputTokens":9');
    case 'AgentCompleted':
      return change(/"output":"/, '"output":"!');
    default:
      return undefined;
  }
}

describe('an event that was altered', () => {
  it('is named, wherever in the tree it stands', async () => {
    const rootId = await aTree(2, 2);
    const candidates = world
      .agentIds()
      .flatMap((agentId) => world.eventsOf(agentId).map((event) => ({ agentId, event })))
      .flatMap(({ agentId, event }) => {
        const other = altered(event);
        return other === undefined || JSON.stringify(other) === JSON.stringify(event)
          ? []
          : [{ agentId, event, other }];
      });
    expect(new Set(candidates.map(({ event }) => event.type)).size).toBeGreaterThan(8);
    for (const { agentId, event, other } of candidates) {
      const { divergence } = await verified(rootId, {
        event: (each) => (each.id === event.id ? other : each),
      });
      expect(divergence).toMatchObject({ agentId, revision: event.revision, type: event.type });
    }
  });

  it('is among the suspects at the next request, when only its hash can tell', async () => {
    const agentId = await world.spawn();
    const call = { name: 'report_progress', arguments: '{"message":"half"}' };
    (await world.models.next()).answer({ text: 'so far', toolCalls: [call] });
    await world.models.next();
    const answer = await world.seen(agentId, 'ModelCallSettled');
    const { divergence } = await verified(agentId, {
      event: (each) => (each.id === answer.id ? { ...each, data: changedText(each.data) } : each),
    });
    const request = await world.seen(agentId, 'ModelCallStarted', 2);
    expect(divergence).toMatchObject({ type: 'ModelCallStarted', revision: request.revision });
    expect(divergence?.suspects).toContain(answer.revision);
  });

  it('is named when it is gone', async () => {
    const rootId = await aTree(2, 2);
    const admitted = await world.seen(rootId, 'AgentAdmitted', 2);
    const { divergence } = await verified(rootId, {
      event: (each) =>
        each.id === admitted.id ? { ...each, type: 'AgentPaused', version: 1, data: {} } : each,
    });
    expect(divergence).toMatchObject({ agentId: rootId, revision: admitted.revision + 1 });
  });
});

function changedText(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data).replace('so far', 'so good'));
}

describe('tools that were offered', () => {
  const withTools = async (change: (sha256: string) => Promise<string>) => {
    const agentId = await world.spawn({ tools: ['tools__act'] });
    (await world.models.next()).answer({ text: 'done' });
    await world.ended(agentId);
    const started = await world.seen(agentId, 'RunStarted');
    const { offered } = started.data as { offered: { sha256: string } };
    const sha256 = await change(offered.sha256);
    const data = { ...(started.data as object), offered: { ...offered, sha256 } };
    const event = (each: StoredEvent) => (each.id === started.id ? { ...each, data } : each);
    return { agentId, started, ...(await verified(agentId, { event })) };
  };

  it('are named when they are not in the payload store', async () => {
    const { divergence, started } = await withTools(async () => 'f'.repeat(64));
    expect(divergence).toMatchObject({ revision: started.revision, type: 'RunStarted' });
  });

  it('are found to be others by the hash of the first request', async () => {
    const { divergence, started } = await withTools(
      async () => (await world.payloads.put('acme', '[]')).sha256,
    );
    expect(divergence).toMatchObject({ type: 'ModelCallStarted', revision: started.revision + 1 });
  });
});

describe('a scripted model that has changed', () => {
  it('is found at the first answer that it would give otherwise', async () => {
    const rootId = await aTree(2, 2);
    const changed: ModelProvider = {
      prefix: 'scripted',
      overheadBytes: 0,
      find: async (name) => {
        const found = await shipped.find(name);
        if (found === undefined) return undefined;
        return {
          ...found,
          model: {
            call: async (request, signal) => {
              const answer = await found.model.call(request, signal);
              return answer.toolCalls.length > 1 ? { ...answer, text: 'off we go' } : answer;
            },
          },
        };
      },
    };
    const settled = await world.seen(rootId, 'ModelCallSettled');
    const { divergence } = await verified(rootId, { models: changed });
    expect(divergence).toMatchObject({
      agentId: rootId,
      revision: settled.revision,
      type: 'ModelCallSettled',
      expected: { data: { outcome: { text: 'off we go' } } },
    });
  });
});

describe('rules that have changed', () => {
  const { decider } = agentStreamModel;

  it('are found at the first event that they would not write', async () => {
    const rootId = await aTree(2, 2);
    const changed: AgentDecider = {
      ...decider,
      decide(command, state) {
        const decision = decider.decide(command, state);
        if (isRefused(decision)) return decision;
        return { events: decision.events.map(thriftier) };
      },
    };
    const reserved = await world.seen(rootId, 'ChildReserved', 1);
    const { divergence } = await verified(rootId, { decider: changed });
    expect(divergence).toMatchObject({
      agentId: rootId,
      revision: reserved.revision,
      type: 'ChildReserved',
      reason: 'its data differs',
    });
  });

  it('are found where they would write one event more', async () => {
    const rootId = await aTree(2, 2);
    const changed: AgentDecider = {
      ...decider,
      decide(command, state) {
        const decision = decider.decide(command, state);
        if (isRefused(decision) || command.type !== 'BeginRun') return decision;
        return { events: [...decision.events, { type: 'AgentPaused', data: {} }] };
      },
    };
    const asked = await world.seen(rootId, 'ModelCallStarted');
    const { divergence } = await verified(rootId, { decider: changed });
    expect(divergence).toMatchObject({
      agentId: rootId,
      revision: asked.revision + 1,
      reason: 'the log lacks an event',
    });
  });
});

function thriftier<Event extends AgentEvent>(event: Event): Event {
  if (event.type !== 'ChildReserved') return event;
  const { limits } = event.data;
  return { ...event, data: { ...event.data, limits: { ...limits, tokens: limits.tokens - 1 } } };
}
