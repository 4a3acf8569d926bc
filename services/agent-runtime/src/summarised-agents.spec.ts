import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readAgentEvent, streamNames, type AgentId } from '@skynet/contracts';
import { agentDecider, type AgentState, type SpawnedAgent } from '@skynet/domain-agents';
import { newAgentId, sha256Hex, silentLogger as log, Snapshots } from '@skynet/platform';
import { eventually, ManualClock, RecordingTracing } from '@skynet/testing';
import { ModelError, type ModelRequest } from './models/model.port.js';
import { agentSnapshotModel } from './owner/agent-snapshot.js';
import { SUMMARY_REQUEST, toldSummary } from './prompt/summary.js';
import type { ModelCall } from './testing/puppets.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

const CONTEXT_TOKENS = 32_000;
const BYTES_PER_TOKEN = 4;
const FACT = /the code is \d+/;

let world: RuntimeWorld;
let renews: boolean;
let tracing: RecordingTracing;
const requests: ModelRequest[] = [];

beforeEach(async () => {
  requests.length = 0;
  renews = true;
  const models = { 'puppet:any': { contextTokens: CONTEXT_TOKENS } };
  world = await RuntimeWorld.create(new ManualClock(), { models });
  tracing = new RecordingTracing();
  await world.start({ renews: () => renews, slots: 1, tracing });
});

afterEach(() => endWorld(world));

const tokensOf = ({ messages, tools }: ModelRequest) =>
  Math.ceil(JSON.stringify([messages, tools]).length / BYTES_PER_TOKEN);

const asksForSummary = ({ messages }: ModelRequest) =>
  messages.some((message) => message.role === 'user' && message.text === SUMMARY_REQUEST);

/** What it knows of the fact stands in what it is told. */
const factIn = ({ messages }: ModelRequest) => FACT.exec(JSON.stringify(messages))?.[0] ?? 'none';

async function nextCall(): Promise<ModelCall> {
  const call = await world.models.next();
  requests.push(call.request);
  return call;
}

function answer({ request, ...call }: ModelCall, text: string, tool?: string): void {
  const toolCalls = tool === undefined ? [] : [{ name: tool, arguments: '{}' }];
  const usage = { inputTokens: tokensOf(request), outputTokens: 50, costMicroUsd: 0 };
  call.answer({ text, toolCalls, usage });
}

/** Answers whoever asks for a summary, until the agent itself is asked. */
async function askedForAnswer(): Promise<ModelCall> {
  const call = await nextCall();
  if (!asksForSummary(call.request)) return call;
  answer(call, `So far: ${factIn(call.request)}.`);
  return askedForAnswer();
}

async function turn(count: number, said = 'going on '.repeat(20)): Promise<void> {
  answer(await askedForAnswer(), `${count}: ${said}`, 'tools__act');
  const content = count === 1 ? 'the code is 4711' : `${count} `.padEnd(900, 'x');
  (await world.tools.next()).answer({ content, isError: false });
}

async function turns(from: number, to: number, said?: string): Promise<void> {
  for (let count = from; count <= to; count += 1) await turn(count, said);
}

const spawned = (limits = {}) => world.spawn({ tools: ['tools__*'], limits });

async function verified(agentId: AgentId): Promise<void> {
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  expect(verification).not.toHaveProperty('divergence');
  expect(verification?.requests.unchecked).toBe(0);
}

const compactions = (agentId: AgentId) =>
  world.eventsOf(agentId).filter(({ type }) => type === 'ConversationCompacted');

/** By the whole log, up to the revision. */
function folded(agentId: AgentId, revision = -1): AgentState {
  const { initialState, evolve } = agentDecider(sha256Hex);
  const events = world.eventsOf(agentId).slice(0, revision + 1);
  return events.reduce((state, event) => {
    const { causationId } = event.metadata;
    return evolve(state, { ...readAgentEvent(event), causationId });
  }, initialState);
}

describe('an agent of 300 turns on a small window', () => {
  it('finishes its task, with what it found in the first turn', async () => {
    const agentId = await spawned({ tokens: 1_000_000_000 });
    await turns(1, 300);
    const last = await askedForAnswer();
    expect(factIn(last.request)).toBe('the code is 4711');
    answer(last, 'the code was found');
    expect(await world.ended(agentId)).toMatchObject({ output: 'the code was found' });
    const sizes = requests.map((request) => tokensOf(request) + request.maxTokens);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(CONTEXT_TOKENS);
    expect(compactions(agentId).length).toBeGreaterThan(3);
    await verified(agentId);
  }, 60_000);

  it('is loaded from a snapshot that is as small as its conversation', async () => {
    const agentId = await spawned({ tokens: 1_000_000_000 });
    await turns(1, 300);
    const last = await askedForAnswer();
    const { clock, states } = world;
    const snapshots = new Snapshots<AgentState>({ states, model: agentSnapshotModel, clock, log });
    const load = () => snapshots.load(streamNames.agent(agentId));
    await eventually(async () => expect((await load())?.revision).toBeGreaterThan(1_000));
    const kept = await load();
    expect(kept?.state).toEqual(folded(agentId, kept?.revision));
    const { conversation, conversationBytes } = kept?.state as SpawnedAgent;
    expect(conversation.length).toBeLessThan(250);
    expect(conversationBytes).toBeLessThan(CONTEXT_TOKENS * BYTES_PER_TOKEN);
    answer(last, 'done');
    await world.ended(agentId);
  }, 60_000);
});

/** Long answers, that no results can be left out for. */
const TALK = 'talk '.repeat(2_500);

/** An agent that has just been asked for a summary. */
async function aboutToSummarise(): Promise<{ agentId: AgentId; call: ModelCall }> {
  const agentId = await spawned();
  for (let count = 1; count < 50; count += 1) {
    const call = await nextCall();
    if (asksForSummary(call.request)) return { agentId, call };
    answer(call, `${count}: ${TALK}`, 'tools__act');
    const content = count === 1 ? 'the code is 4711' : 'ok';
    (await world.tools.next()).answer({ content, isError: false });
  }
  throw new Error('nobody has asked for a summary');
}

describe('an agent that is asked for a summary of its conversation', () => {
  it('has no tools in that turn, and pays for it as for any', async () => {
    const { agentId, call } = await aboutToSummarise();
    expect(call.request.tools).toEqual([]);
    const { data } = world.eventsOf(agentId).at(-1) ?? {};
    expect(data).toMatchObject({ purpose: 'compaction', contextTokens: CONTEXT_TOKENS });
    const before = (await world.row(agentId)).spent.inputTokens;
    answer(call, 'So far: the code is 4711.', 'tools__act');
    const next = await nextCall();
    const after = (await world.row(agentId)).spent.inputTokens;
    expect(after - before).toBe(tokensOf(call.request));
    expect(next.request.messages[1]).toEqual({
      role: 'user',
      text: toldSummary('So far: the code is 4711.'),
    });
    expect(next.request.messages.at(-1)).toMatchObject({ role: 'tool', content: 'ok' });
    expect(next.request.tools.length).toBeGreaterThan(0);
    expect(tracing.spans.map(({ name }) => name)).toContain('chat puppet:any (summary)');
    answer(next, 'done');
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed', output: 'done' });
    expect(world.tools.count).toBe(requests.length - 2);
    await verified(agentId);
  });

  it('may write more than fits into the log', async () => {
    const { agentId, call } = await aboutToSummarise();
    const long = `So far: ${'the stars '.repeat(1_000)}`;
    answer(call, long);
    const next = await nextCall();
    expect(next.request.messages[1]).toEqual({ role: 'user', text: toldSummary(long) });
    expect(compactions(agentId).at(-1)?.data).toMatchObject({
      text: { bytes: toldSummary(long).length },
    });
    answer(next, 'done');
    await world.ended(agentId);
    await verified(agentId);
  });

  it('is asked again when there was none, and fails when there is none for good', async () => {
    const { agentId, call } = await aboutToSummarise();
    answer(call, ' ');
    await world.clock.advance(60_000);
    const again = await nextCall();
    expect(asksForSummary(again.request)).toBe(true);
    again.fail(new ModelError('no credit', { retryable: false }));
    expect(await world.ended(agentId)).toMatchObject({
      failure: { reason: 'MODEL_FAILED', message: 'no credit' },
    });
    await verified(agentId);
  });

  it('is asked again by the worker that takes it over', async () => {
    const { agentId, call } = await aboutToSummarise();
    await world.start({ workerId: 'second', slots: 1 });
    renews = false;
    await world.dispatchAgain(agentId);
    const again = await nextCall();
    expect(asksForSummary(again.request)).toBe(true);
    answer(call, 'too late');
    answer(again, 'So far: the code is 4711.');
    const next = await nextCall();
    expect(factIn(next.request)).toBe('the code is 4711');
    answer(next, 'done');
    expect(await world.ended(agentId)).toMatchObject({ output: 'done' });
    expect(compactions(agentId)).toHaveLength(1);
    await verified(agentId);
  });

  it('goes on from before or after it as a fork', async () => {
    const { agentId: source, call } = await aboutToSummarise();
    answer(call, 'So far: the code is 4711.');
    const next = await nextCall();
    next.fail(new ModelError('no credit', { retryable: false }));
    await world.ended(source);
    const types = world.typesOf(source);
    const at = types.indexOf('ConversationCompacted');
    const before = await forked(source, at - 1);
    const again = await nextCall();
    expect(asksForSummary(again.request)).toBe(true);
    again.fail(new ModelError('no credit', { retryable: false }));
    await world.ended(before);
    const after = await forked(source, types.length - 1);
    const last = await nextCall();
    expect(last.request.messages).toEqual(next.request.messages);
    answer(last, 'done');
    await world.ended(after);
    for (const agentId of [before, after]) await verified(agentId);
  });
});

async function forked(source: AgentId, at: number): Promise<AgentId> {
  const agentId = newAgentId(world.clock);
  const { plan } = await world.ask('forkPlan', { tenant: 'acme', agentId: source, at });
  const from = { agentId: source, revision: plan?.at ?? 0 };
  const limits = { tokens: 1_000_000 };
  expect(await world.send('ForkAgent', { agentId, from, limits })).toMatchObject({ ok: true });
  return agentId;
}
