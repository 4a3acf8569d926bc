import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  agentEventSchemas,
  streamNames,
  type AgentCommandData,
  type AgentId,
} from '@skynet/contracts';
import { newAgentId } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { ModelError } from './models/model.port.js';
import { faultyStore } from './testing/faulty-store.js';
import type { ModelCall } from './testing/puppets.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

type Wishes = Partial<Omit<AgentCommandData<'RetryAgent'>, 'agentId' | 'retryOf'>>;

let world: RuntimeWorld;
let fails: (stream: string) => boolean;

beforeEach(async () => {
  fails = () => false;
  world = await RuntimeWorld.create(new ManualClock());
  await world.start({ store: (store) => faultyStore(store, (stream) => fails(stream)) });
});
afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });
const below = (description: string, limits: object = {}) =>
  call('spawn_agent', { task: { description }, limits });
const outOfOrder = () => new ModelError('out of order', { retryable: false });

function retry(retryOf: AgentId, wishes: Wishes = {}, agentId = newAgentId(world.clock)) {
  return world.send('RetryAgent', { agentId, retryOf, ...wishes }, { principal: 'bob' });
}

async function retried(source: AgentId, wishes: Wishes = {}): Promise<AgentId> {
  const reply = await retry(source, wishes);
  if (reply?.ok !== true) throw new Error('not retried', { cause: reply });
  return (await world.row(reply.agentId as AgentId)).agentId;
}

async function verifies(agentId: AgentId): Promise<void> {
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  expect(verification?.divergence).toBeUndefined();
  expect(verification?.agents).toBeGreaterThan(1);
  for (const { type, data } of world.eventsOf(agentId)) {
    agentEventSchemas[type as keyof typeof agentEventSchemas].parse(data);
  }
}

/** The model call of the agent that has this task. */
async function turnOf(task: string, turns: ModelCall[]): Promise<ModelCall> {
  for (;;) {
    const found = turns.findIndex(({ request }) =>
      JSON.stringify(request.messages[0]).includes(task),
    );
    const [turn] = found < 0 ? [] : turns.splice(found, 1);
    if (turn !== undefined) return turn;
    turns.push(await world.models.next());
  }
}

interface Family {
  readonly root: AgentId;
  readonly weak: AgentId;
  readonly turns: ModelCall[];
}

/** A root with a child whose model failed; another one is at work, and both are waited for. */
async function familyOfTwo(limits: object = {}): Promise<Family> {
  const root = await world.spawn({ description: 'lead', limits });
  (await world.models.next()).answer({
    toolCalls: [below('weak'), below('strong'), call('await_agents')],
  });
  const turns: ModelCall[] = [];
  (await turnOf('weak', turns)).fail(outOfOrder());
  const [weak] = (await world.row(root)).childIds;
  if (weak === undefined) throw new Error('no child');
  await world.ended(weak);
  return { root, weak, turns };
}

describe('a retry of a child whose parent waits for others', () => {
  it('is a child in its place, of which the parent is told at once', async () => {
    const { root, weak, turns } = await familyOfTwo();
    const again = await retried(weak);
    expect(await world.row(again)).toMatchObject({
      rootId: root,
      parentId: root,
      depth: 1,
      retryOf: weak,
      forkedFrom: { agentId: weak },
    });
    const woken = await turnOf('lead', turns);
    const told = JSON.stringify(woken.request.messages.at(-1));
    expect(told).toContain(`Your child ${weak}, which is failed (MODEL_FAILED)`);
    expect(told).toContain(`was started again as ${again} by bob`);
    woken.answer({ toolCalls: [call('await_agents')] });
    (await turnOf('weak', turns)).answer({ text: 'weak is done' });
    (await turnOf('strong', turns)).answer({ text: 'strong is done' });
    const last = await turnOf('lead', turns);
    const reports = JSON.stringify(last.request.messages.at(-1));
    expect(reports).toContain('weak is done');
    expect(reports).toContain('strong is done');
    last.answer({ text: 'all done' });
    expect(await world.ended(root)).toMatchObject({ status: 'completed', output: 'all done' });
    await verifies(root);
  });

  it('has what the failed one had left, out of what the parent has', async () => {
    const { root, weak } = await familyOfTwo();
    const before = await world.row(weak);
    const again = await retried(weak);
    const { limits } = await world.row(again);
    const spent = before.spent.inputTokens + before.spent.outputTokens;
    expect(limits.tokens).toBe(before.limits.tokens - spent);
    expect((await world.seen(root, 'ChildReserved', 3)).data).toMatchObject({
      childId: again,
      limits,
    });
    expect((await world.seen(root, 'ChildRetried')).data).toEqual({
      childId: again,
      from: { agentId: weak, revision: before.revision + 1 },
    });
  });

  it('may have other limits and something more to hear', async () => {
    const { weak, turns } = await familyOfTwo();
    const again = await retried(weak, { limits: { tokens: 50_000 }, message: 'mind the gap' });
    const { request } = await turnOf('weak', turns);
    expect(JSON.stringify(request.messages)).toContain('mind the gap');
    expect((await world.row(again)).limits.tokens).toBe(50_000);
  });

  it('is refused beyond what the parent has left, with the amounts', async () => {
    const { root, weak } = await familyOfTwo({ tokens: 100_000 });
    const { length } = world.eventsOf(root);
    const reply = await retry(weak, { limits: { tokens: 90_000 } });
    const message = expect.stringMatching(/has \d+ tokens left/) as unknown;
    expect(reply).toMatchObject({ error: { code: 'LIMIT_TOKENS', message } });
    expect(world.typesOf(root).slice(length)).not.toContain('ChildReserved');
  });

  it('is the same child when the same command comes again, and refused for other wishes', async () => {
    const { root, weak } = await familyOfTwo();
    const again = await retried(weak);
    const reserved = () => world.typesOf(root).filter((type) => type === 'ChildReserved').length;
    const count = reserved();
    expect(await retry(weak, {}, again)).toMatchObject({ ok: true, position: undefined });
    expect(await retry(weak, { message: 'other' }, again)).toMatchObject({
      error: { code: 'IDEMPOTENCY_CONFLICT' },
    });
    expect(reserved()).toBe(count);
  });

  it('begins also when its maker dies before it comes to the child, with what it was told', async () => {
    const { root, weak, turns } = await familyOfTwo();
    const again = newAgentId(world.clock);
    fails = (stream) => stream === streamNames.agent(again);
    await expect(retry(weak, { message: 'mind the gap' }, again)).rejects.toThrow('no connection');
    expect(world.typesOf(root)).toContain('ChildRetried');
    expect(world.typesOf(again)).toEqual([]);
    fails = () => false;
    await world.clock.advance(2_000);
    expect((await world.seen(again, 'RetryStarted')).data).toEqual({ retryOf: weak });
    expect(world.typesOf(again).filter((type) => type === 'AgentSpawned')).toHaveLength(1);
    const { request } = await turnOf('weak', turns);
    expect(JSON.stringify(request.messages)).toContain('mind the gap');
    await verifies(root);
  });
});

describe('a retry of a child whose parent asks its model', () => {
  it('does not cut that call off, and is waited for by an await without ids', async () => {
    const root = await world.spawn({ description: 'lead' });
    (await world.models.next()).answer({ toolCalls: [below('weak')] });
    const turns: ModelCall[] = [];
    (await turnOf('weak', turns)).fail(outOfOrder());
    const [weak] = (await world.row(root)).childIds;
    await world.ended(weak as AgentId);
    const asked = await turnOf('lead', turns);
    await retried(weak as AgentId);
    expect((await world.seen(root, 'MessageReceived')).data).toMatchObject({ interrupts: false });
    asked.answer({ toolCalls: [call('await_agents')] });
    (await turnOf('weak', turns)).answer({ text: 'weak is done' });
    const { request } = await turnOf('lead', turns);
    expect(JSON.stringify(request.messages)).toContain('weak is done');
  });
});

describe('a retry of a child whose parent has ended', () => {
  it('is refused, and names the root', async () => {
    const { root, weak } = await familyOfTwo();
    await world.send('TerminateAgent', { agentId: root, reason: 'enough' });
    await world.ended(root);
    const message = expect.stringContaining(`retry the root ${root}`) as unknown;
    expect(await retry(weak)).toMatchObject({ error: { code: 'PARENT_ENDED', message } });
  });

  it('is done with a retry of the root, which knows how the child ended', async () => {
    const { root, turns } = await familyOfTwo();
    await turnOf('strong', turns);
    await world.send('TerminateAgent', { agentId: root, reason: 'enough' });
    await world.ended(root);
    const again = await retried(root);
    (await turnOf('strong', turns)).answer({ text: 'strong is done' });
    const { request, answer } = await turnOf('lead', turns);
    const told = JSON.stringify(request.messages);
    expect(told).toContain('out of order');
    expect(told).toContain('strong is done');
    answer({ text: 'all done' });
    expect(await world.ended(again)).toMatchObject({ status: 'completed', output: 'all done' });
  });
});
