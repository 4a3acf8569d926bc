import {
  rejection,
  type AgentEvent,
  type AgentId,
  type Extension,
  type Limits,
} from '@skynet/contracts';
import { accept, nothingToDo, reject, type Decision, type Rejection } from '@skynet/kernel';
import type { AgentCommandOf } from '../agent/agent-command.js';
import { isLive, isSpawned, type AgentState, type SpawnedAgent } from '../agent/agent-state.js';
import { available } from '../agent/available.js';

/** The last moment that is still a date. */
const LAST_MOMENT_MS = 8_640_000_000_000_000;

const NOT_FOUND = rejection('AGENT_NOT_FOUND', 'There is no such agent.');

/** A root has more of what its tenant may have. */
export function extend(
  command: AgentCommandOf<'ExtendAgent'>,
  state: AgentState,
): Decision<AgentEvent> {
  const { add, by, most } = command.data;
  if (!isSpawned(state)) return reject(NOT_FOUND);
  const repeat = repeated(command.id, state, add);
  if (repeat !== undefined) return repeat;
  const { agentId, limits: own, parentId } = state.spawned;
  if (parentId !== undefined) {
    const message = `${agentId} has its limits from ${parentId}`;
    return reject(rejection('INVALID_ARGUMENTS', message));
  }
  if (!takesMore(state)) return reject(ended(state));
  const limits = extended(own, add);
  const refused = uncountable(limits) ?? above(most ?? {}, limits, own);
  if (refused !== undefined) return reject(refused);
  return accept({ type: 'LimitsExtended', data: { add, limits, by } });
}

/** The parent sets more aside for the child, out of what it has left. */
export function extendChild(
  command: AgentCommandOf<'ExtendChild'>,
  state: AgentState,
): Decision<AgentEvent> {
  const { childId, add, by } = command.data;
  if (!isSpawned(state)) return reject(NOT_FOUND);
  const repeat = repeated(command.id, state, add);
  if (repeat !== undefined) return repeat;
  const child = state.children.get(childId);
  if (child === undefined) return reject(NOT_FOUND);
  if (child.ended !== undefined) {
    return reject(rejection('AGENT_ALREADY_ENDED', `${childId} is ${child.ended.status}`));
  }
  if (!isLive(state)) {
    const message = `${state.spawned.agentId}, the parent of ${childId}, is ${state.phase}`;
    return reject(rejection('PARENT_ENDED', message));
  }
  const limits = extended(child.limits, add);
  const refused = uncountable(limits) ?? unavailable(state, childId, { add, limits });
  if (refused !== undefined) return reject(refused);
  return accept({ type: 'ChildExtended', data: { childId, add, limits, by } });
}

/** The child has what its parent has set aside for it by now; what comes late changes nothing. */
export function takeExtension(
  { data }: AgentCommandOf<'TakeExtension'>,
  state: AgentState,
): Decision<AgentEvent> {
  if (!isSpawned(state)) return reject(NOT_FOUND);
  const { limits: own } = state.spawned;
  const { limits } = data;
  if (amounts.every((name) => limits[name] <= own[name])) return nothingToDo();
  // Its last word may be lost, and then it goes on.
  if (!isLive(state)) return reject(ended(state));
  return accept({ type: 'LimitsExtended', data });
}

/** Whether more can still be of use to the agent: with its last word it is as good as ended. */
export function takesMore(state: SpawnedAgent): boolean {
  return isLive(state) && state.modelCall?.windDown !== true;
}

const amounts = ['tokens', 'costMicroUsd', 'descendants', 'deadlineMs'] as const;

/** The same id stands for one extension. */
function repeated(
  id: string,
  { extensions = [], spawned }: SpawnedAgent,
  add: Extension,
): Decision<AgentEvent> | undefined {
  const known = extensions.find((one) => one.id === id);
  if (known === undefined) return undefined;
  if (textOf(known.add) === textOf(add)) return nothingToDo();
  const message = `${spawned.agentId} was extended by something else with this key`;
  return reject(rejection('IDEMPOTENCY_CONFLICT', message));
}

function textOf({ tokens, costMicroUsd, seconds, descendants }: Extension): string {
  return JSON.stringify([tokens, costMicroUsd, seconds, descendants]);
}

function ended({ phase, spawned: { agentId } }: SpawnedAgent): Rejection {
  const what = phase === 'running' ? 'has its last word' : `is ${phase}`;
  return rejection('AGENT_ALREADY_ENDED', `${agentId} ${what}`);
}

function extended(limits: Limits, add: Extension): Limits {
  const { tokens = 0, costMicroUsd = 0, seconds = 0, descendants = 0 } = add;
  return {
    ...limits,
    tokens: limits.tokens + tokens,
    costMicroUsd: limits.costMicroUsd + costMicroUsd,
    deadlineMs: limits.deadlineMs + seconds * 1_000,
    descendants: limits.descendants + descendants,
  };
}

function uncountable(limits: Limits): Rejection | undefined {
  const isCounted = amounts.every((name) => Number.isSafeInteger(limits[name]));
  if (isCounted && limits.deadlineMs <= LAST_MOMENT_MS) return undefined;
  return rejection('INVALID_ARGUMENTS', 'add: the sum is more than can be counted');
}

/** What is not asked for may be above its ceiling, which was lowered since. */
function above(most: Partial<Limits>, limits: Limits, own: Limits): Rejection | undefined {
  for (const name of amounts) {
    const { [name]: ceiling = Infinity } = most;
    if (limits[name] <= ceiling || limits[name] === own[name]) continue;
    const isTime = name === 'deadlineMs';
    const limit = isTime ? 'seconds' : name;
    const [sum, end] = isTime ? [limits[name], ceiling].map(dateOf) : [limits[name], ceiling];
    const message = `limits.${limit}: ${sum} is above the ceiling of the tenant, ${end}`;
    return rejection('LIMIT_CEILING', message, { limit });
  }
  return undefined;
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString();
}

function unavailable(
  parent: SpawnedAgent,
  childId: AgentId,
  { add, limits }: { readonly add: Extension; readonly limits: Limits },
): Rejection | undefined {
  const { agentId, limits: own } = parent.spawned;
  const left = available(parent);
  const { tokens = 0, costMicroUsd = 0, seconds = 0, descendants = 0 } = add;
  if (tokens > left.tokens) {
    return rejection('LIMIT_TOKENS', `${agentId} has ${left.tokens} tokens left`);
  }
  if (costMicroUsd > left.costMicroUsd) {
    return rejection('LIMIT_COST', `${agentId} has ${left.costMicroUsd} micro-USD left`);
  }
  if (descendants > left.descendants) {
    const message = `${agentId} may spawn ${left.descendants} more agents below it`;
    return rejection('LIMIT_DESCENDANTS', message);
  }
  if (seconds === 0 || limits.deadlineMs <= own.deadlineMs) return undefined;
  const message = `${agentId}, the parent of ${childId}, has until ${dateOf(own.deadlineMs)}`;
  return rejection('LIMIT_SECONDS', message);
}
