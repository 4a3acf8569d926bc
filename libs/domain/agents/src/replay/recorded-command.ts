import type { AgentCommand, RunContext } from '../agent/agent-command.js';
import { isSpawned, isUnderWay, type AgentState, type SpawnedAgent } from '../agent/agent-state.js';
import { commitOf, findData, type DecisionEvents, type LoggedEvent } from './logged-event.js';
import { forkData } from './recorded-fork.js';
import { outcomeCommand } from './recorded-outcome.js';
import type { ReplayFacts } from './replay-facts.js';
import { timeOfDecision } from './recorded-time.js';

type Body = Pick<AgentCommand, 'type' | 'data'>;

/** The command whose decision begins with the first event; undefined when no command's decision does. */
export function recordedCommand(
  state: AgentState,
  decision: DecisionEvents,
  facts: ReplayFacts,
): AgentCommand | undefined {
  const [first] = decision.events;
  if (first === undefined) return undefined;
  const body = isSpawned(state)
    ? (forkCommand(state, decision) ??
      commandOfRun(state, decision, facts) ??
      outcomeCommand(state, decision, facts) ??
      retryCommand(decision) ??
      commandFromOutside(state, first))
    : commandOfNobody(state, decision);
  if (body === undefined) return undefined;
  const id = first.causationId ?? `replay:${first.revision}`;
  return { id, nowMs: timeOfDecision(state, decision), ...body } as AgentCommand;
}

/** Of a stream without an agent. */
function commandOfNobody(state: AgentState, decision: DecisionEvents): Body | undefined {
  const [first] = decision.events;
  if (first?.type === 'AgentRefused') {
    return { type: 'TerminateAgent', data: { reason: first.data.reason, reserved: true } };
  }
  if (first?.type !== 'AgentSpawned') return undefined;
  return forkCommand(state, decision) ?? { type: 'SpawnAgent', data: first.data };
}

function forkCommand(state: AgentState, { events }: DecisionEvents): Body | undefined {
  const data = forkData(state, events);
  return data === undefined ? undefined : { type: 'ForkAgent', data };
}

function retryCommand({ events }: DecisionEvents): Body | undefined {
  const [reserved, retried, told] = events;
  if (reserved?.type !== 'ChildReserved' || retried?.type !== 'ChildRetried') return undefined;
  if (told?.type !== 'MessageReceived') return undefined;
  const { interrupts: _decided, ...message } = told.data;
  const data = { spec: reserved.data.spec, retried: retried.data, told: message };
  return { type: 'RetryChild', data };
}

/** Of a run that failed before it started, nothing else is told. */
const NO_RUN = { workerId: '', offered: null, rules: 0, keepsSlot: false } as const;

function startedRun(event: LoggedEvent | undefined) {
  if (event?.type !== 'RunStarted') return NO_RUN;
  const { workerId, offered, rules, keepsSlot } = event.data;
  return { workerId, offered, rules, keepsSlot };
}

function commandOfRun(
  state: SpawnedAgent,
  decision: DecisionEvents,
  { context }: ReplayFacts,
): Body | undefined {
  const [first, second] = decision.events;
  const lostWorkerId = state.phase === 'running' ? state.workerId : undefined;
  switch (first?.type) {
    case 'AgentAdmitted': {
      const { slot } = first.data;
      const isGiven = slot.kind === 'given';
      // Alone it is an admission, and another commit begins the run.
      if (isGiven && commitOf(decision).length === 1) return undefined;
      const queuedRevision = isGiven ? state.queuedRevision : undefined;
      return {
        type: 'BeginRun',
        data: { ...startedRun(second), slot, queuedRevision, context },
      };
    }
    case 'RunStarted': {
      const { dispatchId } = first.data;
      const data = { ...startedRun(first), dispatchId, lostWorkerId, context };
      return { type: 'StartRun', data };
    }
    case 'AgentFailed': {
      const { message, reason } = first.data.failure;
      if (reason === 'TENANT_LIMIT') return { type: 'RefuseAgent', data: { message } };
      const { dispatchId } = state;
      return { type: 'StartRun', data: { ...NO_RUN, dispatchId, lostWorkerId, context } };
    }
    case 'AgentExpired':
      return { type: 'ExpireAgent', data: {} };
    case 'ToolCallStarted':
      if (isTriedAgain(state, first.data.toolCallId)) return undefined;
      return { type: 'ContinueRun', data: { epoch: state.epoch, context } };
    case 'ProgressReported':
      return { type: 'ReportToolProgress', data: { ...first.data, epoch: state.epoch } };
    case 'ModelCallStarted':
    case 'ToolsOffered':
    case 'ModelChosen':
    case 'AgentParked':
    case 'RunYielded':
    case 'AgentExhausted':
      return { type: 'ContinueRun', data: { epoch: state.epoch, context } };
    default:
      return undefined;
  }
}

/** Its try before has come to nothing. */
function isTriedAgain(state: SpawnedAgent, toolCallId: string): boolean {
  const call = state.toolCalls.get(toolCallId);
  return call !== undefined && isUnderWay(call);
}

function commandFromOutside(state: SpawnedAgent, first: LoggedEvent): Body | undefined {
  switch (first.type) {
    case 'AgentAdmitted':
      return { type: 'AdmitAgent', data: { queuedRevision: state.queuedRevision } };
    case 'ChildReserved': {
      const { childId, spec } = first.data;
      return { type: 'ReserveChild', data: { childId, spec } };
    }
    case 'ChildEnded':
      return { type: 'RecordChildEnded', data: first.data };
    case 'AwaitEnded':
      return { type: 'EndAwait', data: { toolCallId: first.data.toolCallId } };
    case 'AgentWoken':
      return { type: 'WakeAgent', data: {} };
    case 'MessageBroadcast':
      return { type: 'BroadcastMessage', data: first.data };
    case 'MessageReceived':
      return { type: 'SendAgentMessage', data: first.data };
    case 'BoardWritten': {
      const { version: _, ...data } = first.data;
      return { type: 'WriteBoard', data };
    }
    case 'LimitsExtended':
      return state.spawned.parentId === undefined
        ? { type: 'ExtendAgent', data: first.data }
        : { type: 'TakeExtension', data: first.data };
    case 'ChildExtended':
      return { type: 'ExtendChild', data: first.data };
    case 'AgentPaused':
      return { type: 'PauseAgent', data: {} };
    case 'AgentResumed':
      return { type: 'ResumeAgent', data: {} };
    case 'AgentTerminated':
      return { type: 'TerminateAgent', data: { reason: first.data.reason, reserved: false } };
    default:
      return undefined;
  }
}

/** Recovery policies as the calls of this decision were started with. */
export function recoveriesIn(
  state: SpawnedAgent,
  { events }: DecisionEvents,
): RunContext['recoveries'] {
  const answer = findData(events, 'ModelCallSettled')?.outcome;
  const asked = answer?.kind === 'answered' ? answer.toolCalls : [];
  const nameOf = (toolCallId: string) =>
    asked.find(({ id }) => id === toolCallId)?.name ?? state.toolCalls.get(toolCallId)?.name;
  const started = events.flatMap((event) => {
    if (event.type !== 'ToolCallStarted') return [];
    const name = nameOf(event.data.toolCallId);
    return name === undefined ? [] : [[name, event.data.recovery] as const];
  });
  return Object.fromEntries(started);
}
