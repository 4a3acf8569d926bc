import {
  agentIdOf,
  type AgentEvent,
  type AgentId,
  type AgentSpec,
  type Limits,
} from '@skynet/contracts';

/** Time that builders stamp, epoch milliseconds. */
export const BUILT_AT_MS = Date.UTC(2026, 0, 1);

/** The same number gives the same id. */
export function anAgentId(number = 1): AgentId {
  return agentIdOf(`00000000-0000-8000-8000-${String(number).padStart(12, '0')}`);
}

export function aSpec(fields: Partial<AgentSpec> = {}): AgentSpec {
  return {
    task: { description: 'count the stars' },
    model: {
      id: 'scripted:echo',
      maxTokens: 1_000,
      price: { inputMicroUsdPerMillion: 1_000_000, outputMicroUsdPerMillion: 2_000_000 },
    },
    tools: ['files__*'],
    limits: {},
    priority: 5,
    onParentClose: 'terminate',
    metadata: {},
    argsHash: 'args-1',
    pins: { registry: 'registry-1' },
    ...fields,
  };
}

export function someLimits(fields: Partial<Limits> = {}): Limits {
  return {
    tokens: 100_000,
    costMicroUsd: 1_000_000,
    deadlineMs: BUILT_AT_MS + 3_600_000,
    depth: 3,
    children: 4,
    descendants: 20,
    ...fields,
  };
}

type Spawned = Extract<AgentEvent, { readonly type: 'AgentSpawned' }>;

/** A root, unless a parent is named: then one below `anAgentId()`. */
export function agentSpawned(fields: Partial<Spawned['data']> = {}): Spawned {
  const rootId = fields.parentId === undefined ? fields.agentId : undefined;
  return {
    type: 'AgentSpawned',
    data: {
      agentId: anAgentId(),
      rootId: rootId ?? anAgentId(),
      tenant: 'acme',
      principal: 'alice',
      depth: 0,
      spec: aSpec(),
      limits: someLimits(),
      ...fields,
    },
  };
}

type Of<Type extends AgentEvent['type']> = Extract<AgentEvent, { readonly type: Type }>;

export function childReserved(
  childId: AgentId,
  fields: Partial<Of<'ChildReserved'>['data']> = {},
): Of<'ChildReserved'> {
  const spec = aSpec({ argsHash: 'child-1' });
  const limits = someLimits({ tokens: 1_000, costMicroUsd: 100, depth: 2, descendants: 2 });
  return { type: 'ChildReserved', data: { childId, depth: 1, spec, limits, ...fields } };
}

export function childEnded(
  childId: AgentId,
  fields: Partial<Of<'ChildEnded'>['data']> = {},
): Of<'ChildEnded'> {
  const spent = { inputTokens: 10, outputTokens: 5, costMicroUsd: 1, descendants: 0 };
  return {
    type: 'ChildEnded',
    data: { childId, status: 'completed', spent, output: 'the result', ...fields },
  };
}

/** A command at the builders' time; the id is the same for the same type unless given. */
export function aCommand<const Type extends string, const Data>(
  type: Type,
  data: Data,
  { id = `command-${type}`, nowMs = BUILT_AT_MS }: { id?: string; nowMs?: number } = {},
) {
  return { id, type, nowMs, data };
}

/** For specifications that are not about which command caused an event. */
export function withoutCause(event: { readonly type: string; readonly data: unknown }): unknown {
  return JSON.parse(JSON.stringify({ type: event.type, data: event.data }));
}

type DataOf<Type extends AgentEvent['type']> = Extract<AgentEvent, { readonly type: Type }>['data'];

/** By the scheduler, unless another slot is named. */
export function agentAdmitted(
  slot: DataOf<'AgentAdmitted'>['slot'] = { kind: 'given' },
): AgentEvent {
  return { type: 'AgentAdmitted', data: { slot } };
}

/** The first run, on `worker-1`, by the newest rules. */
export function runStarted(fields: Partial<DataOf<'RunStarted'>> = {}): AgentEvent {
  const run = { epoch: 1, dispatchId: 1, workerId: 'worker-1', offered: null, rules: 1 };
  return { type: 'RunStarted', data: { ...run, keepsSlot: false, ...fields } };
}
