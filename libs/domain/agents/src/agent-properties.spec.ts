import { describe, expect, it } from '@jest/globals';
import type { AgentId } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import { agentSpawned, anAgentId, aSpec, BUILT_AT_MS, someLimits } from '@skynet/testing';
import fc from 'fast-check';
import { agentDecider } from './decisions/agent.decider.js';
import type { AgentCommand, RequestedCall, RunContext } from './agent/agent-command.js';
import { isLive, isSpawned, type AgentState, type SpawnedAgent } from './agent/agent-state.js';
import { available } from './agent/available.js';
import { snapshotToState, stateToSnapshot, type AgentSnapshot } from './snapshot.js';

const decider = agentDecider((text) => `${text.length}`);

const context = {
  promptBytes: 50,
  promptHash: 'prompt',
  recoveries: { files__read: 'retry', files__write: 'ask', files__move: 'fail' },
} as const;
const tools = ['files__read', 'files__write', 'files__move'] as const;

/** Not `fc.double`: that draws mostly numbers next to zero. */
const chance = fc.integer({ min: 0, max: 999 }).map((number) => number / 1_000);

/** A step of a history: which command, and three numbers in [0, 1) that fill it in. */
const step = fc.record({
  kind: fc.constantFrom(
    ...Array<'natural'>(20).fill('natural'),
    'AdmitAgent',
    'BeginRun',
    'StartRun',
    'ContinueRun',
    'answer',
    'failure',
    'RecordToolOutcome',
    'RecordChildEnded',
    'RecordChildEnded',
    'ReserveChild',
    'RetryChild',
    'PauseAgent',
    'ResumeAgent',
    'TerminateAgent',
    'ExpireAgent',
    'EndAwait',
    'AnswerAgent',
    'RefuseAgent',
    'SendAgentMessage',
    'SendAgentMessage',
    'interruption',
    'WriteBoard',
    'ExtendAgent',
    'ExtendChild',
    'ExtendChild',
  ),
  a: chance,
  b: chance,
  c: chance,
});
type Step = (typeof step extends fc.Arbitrary<infer T> ? T : never) & { readonly at: number };

function pick<Item>(items: readonly Item[], chance: number): Item | undefined {
  return items[Math.floor(chance * items.length)];
}

/** Some workers know the window of the model. */
function contextOf({ c }: Step): RunContext {
  return c < 0.5 ? context : { ...context, contextTokens: 2_400 };
}

function specOf({ a, b, at }: Step) {
  const limits =
    a < 0.4
      ? {}
      : { tokens: Math.floor(b * 6_000), descendants: Math.floor(b * 4), costMicroUsd: 5 };
  return aSpec({
    argsHash: `args-${at}`,
    limits,
    tools: b < 0.9 ? ['files__read'] : ['mail__send'],
  });
}

function callsOf(step: Step, agent: SpawnedAgent): RequestedCall[] {
  const callId = `m${agent.modelCalls}`;
  const call = (index: number, name: string) => ({
    id: `${callId}_${index}`,
    name,
    arguments: '{}',
  });
  const external = (index: number): RequestedCall => ({
    kind: 'external',
    call: call(index, pick(tools, step.b) ?? tools[0]),
  });
  const choices: RequestedCall[][] = [
    [],
    [external(0), external(1)],
    [
      {
        kind: 'spawn',
        call: call(0, 'spawn_agent'),
        childId: childId(step.at),
        spec: specOf(step),
      },
    ],
    [
      {
        kind: 'spawn',
        call: call(0, 'spawn_agent'),
        childId: childId(step.at),
        spec: specOf(step),
      },
      { kind: 'await', call: call(1, 'await_agents'), mode: 'all', deadlineMs: BUILT_AT_MS + 5 },
    ],
    [{ kind: 'await', call: call(0, 'await_agents'), mode: 'any' }, external(1)],
    [{ kind: 'invalid', call: call(0, 'nonsense'), message: 'no such tool' }],
    [
      { kind: 'ask', call: call(0, 'ask_human'), question: '?', deadlineMs: BUILT_AT_MS + 5 },
      { kind: 'told', call: call(1, 'think'), content: 'ok' },
    ],
  ];
  return pick(choices, step.c) ?? [];
}

function childId(at: number): AgentId {
  return anAgentId(100 + at);
}

type Kind = Exclude<Step['kind'], 'natural'>;

/** What would really come next, so that histories get somewhere. */
function naturalKind(state: AgentState): Kind {
  if (!isSpawned(state) || state.paused) return 'ResumeAgent';
  if (state.phase === 'queued') return 'AdmitAgent';
  if (state.phase === 'admitted') return 'StartRun';
  if (state.phase === 'waiting') return state.awaits.size > 0 ? 'RecordChildEnded' : 'AnswerAgent';
  if (state.modelCall !== undefined) return 'answer';
  return state.toolCalls.size > 0 ? 'RecordToolOutcome' : 'ContinueRun';
}

const data: { readonly [K in Kind]?: (step: Step, agent: SpawnedAgent) => object } = {
  AdmitAgent: (_, { queuedRevision }) => ({ queuedRevision }),
  BeginRun: (step) => ({
    slot: { kind: 'lent', loanId: 'loan' },
    workerId: 'w',
    offered: null,
    rules: 1,
    keepsSlot: true,
    context: contextOf(step),
  }),
  StartRun: (step, { dispatchId }) => ({
    dispatchId,
    workerId: 'w',
    ...(step.a > 0.5 && { lostWorkerId: 'w' }),
    offered: null,
    rules: 1,
    keepsSlot: false,
    context: contextOf(step),
  }),
  ContinueRun: (step, { epoch }) => ({ epoch, context: contextOf(step) }),
  answer: modelOutcomeOf,
  failure: modelOutcomeOf,
  RecordToolOutcome: (step, { epoch, toolCalls }) => {
    const { a, b, c } = step;
    const [toolCallId, attempt] = pick(
      [...toolCalls].map(([id, call]) => [id, call.attempt] as const),
      a,
    ) ?? ['none', 1];
    const content = 'x'.repeat(c < 0.6 ? 1 : 1_200);
    const settled = { kind: 'settled', content, isError: false };
    const outcome = b > 0.7 ? { kind: 'unknown', reason: 'gone' } : settled;
    return { epoch, toolCallId, attempt, outcome, context: contextOf(step) };
  },
  RecordChildEnded: childEndOf,
  ReserveChild: (step) => ({ childId: childId(step.at), spec: specOf(step) }),
  RetryChild: (step, { children }) => ({
    spec: specOf(step),
    retried: {
      childId: childId(step.at),
      from: { agentId: pick([...children.keys()], step.b) ?? anAgentId(99), revision: 1 },
    },
    told: {
      messageId: `command-${step.at}`,
      from: { kind: 'client', principal: 'alice' },
      text: 'it was started again',
    },
  }),
  TerminateAgent: () => ({ reason: 'chance', reserved: false }),
  EndAwait: ({ a }, { awaits }) => ({ toolCallId: pick([...awaits.keys()], a) ?? 'none' }),
  AnswerAgent: ({ a, c }, { toolCalls }) => ({
    toolCallId: pick([...toolCalls.keys()], a) ?? 'none',
    answer: c > 0.5 ? { decision: 'retry' } : { decision: 'happened', text: 'it did' },
  }),
  RefuseAgent: () => ({ message: 'chance' }),
  interruption: modelOutcomeOf,
  ExtendAgent: (step) => extensionOf(step),
  ExtendChild: (step, { children }) => ({
    ...extensionOf(step),
    childId: pick([...children.keys()], step.b) ?? anAgentId(99),
  }),
  SendAgentMessage: ({ a, b, at }) => ({
    messageId: `command-${at}`,
    from: { kind: 'client', principal: 'alice' },
    text: 'x'.repeat(Math.ceil(b * 200)),
    interrupts: a > 0.5,
  }),
  WriteBoard: ({ a, b, c, at }) => ({
    key: `key${Math.floor(a * 3)}`,
    by: anAgentId(1 + Math.floor(b * 3)),
    toolCallId: `m${at}_0`,
    ...(c > 0.2 && { value: 'x'.repeat(Math.ceil(c * 200)) }),
    ...(c > 0.8 && { expectedVersion: Math.floor(b * 3) }),
  }),
};

function extensionOf({ a, b, c }: Step) {
  const [tokens, costMicroUsd] = [1 + Math.floor(a * 900), 1 + Math.floor(b * 900)];
  const add =
    a > 0.8 ? { seconds: 60 } : { tokens, costMicroUsd, ...(c > 0.5 && { descendants: 1 }) };
  return { add, by: 'alice' };
}

function modelOutcomeOf(step: Step, agent: SpawnedAgent): object {
  const { epoch, modelCall } = agent;
  const held = modelCall?.held ?? { inputTokens: 0, outputTokens: 0, costMicroUsd: 0 };
  const usage = {
    inputTokens: Math.floor(held.inputTokens * step.a),
    outputTokens: Math.floor(held.outputTokens * step.b),
    costMicroUsd: Math.floor(held.costMicroUsd * Math.max(step.a, step.b)),
  };
  const outcome =
    step.kind === 'interruption'
      ? { kind: 'interrupted' }
      : step.kind === 'failure'
        ? { kind: 'failed', message: 'chance', retryable: step.a > 0.2, final: step.b > 0.7 }
        : {
            kind: 'answered',
            text: 'hm'.repeat(1 + Math.floor(step.a * 900)),
            calls: callsOf(step, agent),
          };
  const callId = modelCall?.callId ?? 'none';
  return { epoch, callId, usage, outcome, context: contextOf(step) };
}

function childEndOf({ a, b }: Step, agent: SpawnedAgent): object {
  const [id, child] = pick([...agent.children], a) ?? [anAgentId(99), undefined];
  const limits = child?.limits ?? someLimits();
  const spent = {
    inputTokens: Math.floor((limits.tokens / 2) * b),
    outputTokens: Math.floor((limits.tokens / 2) * b),
    costMicroUsd: Math.floor(limits.costMicroUsd * b),
    descendants: Math.floor(limits.descendants * b),
  };
  return { childId: id, status: 'completed', spent };
}

const types: { readonly [K in Kind]?: AgentCommand['type'] } = {
  answer: 'RecordModelOutcome',
  failure: 'RecordModelOutcome',
  interruption: 'RecordModelOutcome',
};

function commandOf(drawn: Step, state: AgentState): AgentCommand {
  const kind = drawn.kind === 'natural' ? naturalKind(state) : drawn.kind;
  const step = { ...drawn, kind };
  const nowMs = BUILT_AT_MS + step.at * (kind === 'ExpireAgent' && step.a > 0.9 ? 1e9 : 1);
  const filled = isSpawned(state) ? (data[kind]?.(step, state) ?? {}) : {};
  const type = types[kind] ?? kind;
  return { id: `command-${step.at}`, nowMs, type, data: filled } as AgentCommand;
}

const histories = fc
  .array(step, { minLength: 5, maxLength: 60 })
  .map((steps) => steps.map((one, at) => ({ ...one, at })));

const root = agentSpawned({
  spec: aSpec({ tools: ['files__*'] }),
  limits: someLimits({ tokens: 9_000, costMicroUsd: 40_000, descendants: 12 }),
});

/** Plays a history and shows every decision to the check, with the state before and after. */
function play(
  steps: readonly Step[],
  check: (moment: { command: AgentCommand; before: AgentState; after: AgentState }) => void,
): void {
  let state = decider.evolve(decider.initialState, root);
  for (const one of steps) {
    const before = state;
    const command = commandOf(one, before);
    const decision = decider.decide(command, before);
    for (const event of isRefused(decision) ? [] : decision.events) {
      state = decider.evolve(state, event);
      expectWithinBudget(state);
    }
    check({ command, before, after: state });
  }
}

function expectWithinBudget(state: AgentState): void {
  if (!isSpawned(state)) return;
  const left = available(state);
  expect(Math.min(left.tokens, left.costMicroUsd, left.descendants)).toBeGreaterThanOrEqual(0);
}

describe('any history of an agent', () => {
  it('keeps spent + set aside + held within every limit, at every prefix', () => {
    fc.assert(
      fc.property(histories, (steps) => play(steps, () => undefined)),
      { numRuns: 300 },
    );
  });

  it('never leaves a terminal state', () => {
    fc.assert(
      fc.property(histories, (steps) =>
        play(steps, ({ before, after }) => {
          if (!isLive(before)) expect(after.phase).toBe(before.phase);
        }),
      ),
      { numRuns: 300 },
    );
  });

  it('gains nothing from a repeated command', () => {
    fc.assert(
      fc.property(histories, (steps) =>
        play(steps, ({ command, after }) => {
          const again = decider.decide(command, after);
          expect(isRefused(again) ? [] : again.events).toEqual([]);
        }),
      ),
      { numRuns: 300 },
    );
  });

  it('is the same after a rest outside of the log', () => {
    fc.assert(
      fc.property(histories, (steps) =>
        play(steps, ({ after }) => {
          if (!isSpawned(after)) return;
          const kept = JSON.parse(JSON.stringify(stateToSnapshot(after))) as AgentSnapshot;
          expect(snapshotToState(kept)).toEqual(after);
        }),
      ),
      { numRuns: 100 },
    );
  });

  it('is the same each time it is folded', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const endOf = () => {
          let last: AgentState = decider.initialState;
          play(steps, ({ after }) => (last = after));
          return last;
        };
        expect(endOf()).toEqual(endOf());
      }),
      { numRuns: 50 },
    );
  });
});
