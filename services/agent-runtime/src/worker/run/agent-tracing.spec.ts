import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  activeTrace,
  newAgentId,
  noMetrics,
  parseTraceparent,
  type Metrics,
} from '@skynet/platform';
import { eventually, ManualClock, RecordingTracing, type RecordedSpan } from '@skynet/testing';
import { templateSchema } from '../../registry/templates/template-entry.js';
import { KnownSecrets } from '../../secrets/known-secrets.js';
import { RuntimeWorld } from '../../testing/runtime-world.js';
import { endWorld } from '../../testing/world-of-test.js';

const CLIENT = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`;

let world: RuntimeWorld;
let tracing: RecordingTracing;

beforeEach(async () => {
  world = await RuntimeWorld.create(new ManualClock());
  tracing = new RecordingTracing();
  isAlive = true;
  timed = [];
  const metrics: Metrics = {
    ...noMetrics,
    histogram: (name) => ({
      record: (_seconds, _labels, traceparent = activeTrace() && 'active') =>
        void timed.push([name, traceparent]),
    }),
  };
  await world.start({ tracing, metrics, slots: 1, renews: () => isAlive });
});
afterEach(() => endWorld(world));

/** What was timed, and in which span. */
let timed: [name: string, traceparent: string | undefined][];

/** Whether the first worker renews its lease. */
let isAlive: boolean;

async function spawn(args: object) {
  const agentId = newAgentId(world.clock);
  const data = { agentId, arguments: { task: { description: 'count' }, ...args } };
  await world.send('SpawnAgent', data, { traceparent: CLIENT });
  return agentId;
}

/** The names of a span and of those above it, innermost first. */
function above(span: RecordedSpan): string[] {
  const parent = tracing.parentOf(span);
  return [span.name, ...(parent === undefined ? [] : above(parent))];
}

const named = (name: string) => tracing.spans.filter((span) => span.name === name);
const ofAgent = (name: string, agentId: string) =>
  named(name).filter(({ attributes }) => attributes['gen_ai.agent.id'] === agentId);

/** Resolves once the log's reader has told of the agent's end. */
async function told(agentId: string): Promise<RecordedSpan> {
  await eventually(() => {
    expect(lifeOf(agentId)).toBeDefined();
  });
  return lifeOf(agentId) as RecordedSpan;
}

const lifeOf = (agentId: string) =>
  tracing.spans.find(
    ({ name, attributes }) =>
      name.startsWith('invoke_agent') && attributes['gen_ai.agent.id'] === agentId,
  );

describe('the trace of an agent', () => {
  it('is the one of the client, with runs and calls straight below one span for the agent', async () => {
    const agentId = await spawn({ model: { id: 'scripted:echo' } });
    await world.ended(agentId);
    const life = await told(agentId);
    expect(
      new Set(tracing.spans.map(({ traceparent }) => parseTraceparent(traceparent)?.traceId)),
    ).toEqual(new Set(['c'.repeat(32)]));
    const [chat] = named('chat scripted:echo');
    expect(chat && above(chat)).toEqual(['chat scripted:echo', 'invoke_agent count']);
    expect(named('run 1').map(above)).toEqual([['run 1', 'invoke_agent count']]);
    expect(life.parent).toBe(CLIENT);
    expect(tracing.spans.every(({ isEnded }) => isEnded)).toBe(true);
    expect(chat?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'scripted:echo',
      'gen_ai.agent.id': agentId,
      'gen_ai.usage.output_tokens': expect.any(Number),
      'skynet.event.revision': world.eventsOf(agentId).length - 1,
    });
    expect(life.attributes).toMatchObject({
      'gen_ai.operation.name': 'invoke_agent',
      'skynet.agent.status': 'completed',
      'skynet.tenant': 'acme',
    });
  });

  it('has the whole tree, each tool call once and each child straight below its parent', async () => {
    const description = JSON.stringify({ depth: 2, fanOut: 2 });
    const rootId = await spawn({ task: { description }, model: { id: 'scripted:tree' } });
    await world.ended(rootId);
    const root = await told(rootId);
    const children = tracing.spans.filter(
      ({ parent, name }) => parent === root.traceparent && name.startsWith('invoke_agent'),
    );
    expect(children).toHaveLength(2);
    const spawns = named('execute_tool spawn_agent');
    expect(spawns.map(({ attributes }) => attributes['skynet.child.agent_id'])).toEqual(
      children.map(({ attributes }) => attributes['gen_ai.agent.id']),
    );
    expect(children.map(({ links }) => links)).toEqual(
      spawns.map(({ traceparent }) => [traceparent]),
    );
    expect(root.attributes).toMatchObject({ 'skynet.agent.descendants': 2 });
    const [awaited] = named('execute_tool await_agents');
    expect(awaited?.links).toEqual(children.map(({ traceparent }) => traceparent));
    expect(named('execute_tool await_agents')).toHaveLength(1);
  });

  it('links a run to the one before', async () => {
    const description = JSON.stringify({ depth: 2, fanOut: 1 });
    const rootId = await spawn({ task: { description }, model: { id: 'scripted:tree' } });
    await world.ended(rootId);
    await told(rootId);
    const [first] = ofAgent('run 1', rootId);
    const [second] = ofAgent('run 2', rootId);
    expect(second?.links).toEqual([first?.traceparent]);
    expect(first?.attributes['skynet.agent.status']).toBe('waiting');
  });

  it('goes on to tool servers, and what they say is no error of the call', async () => {
    const agentId = await spawn({ model: { id: 'puppet:a' }, tools: ['tools__act'] });
    (await world.models.next()).answer({
      toolCalls: [{ name: 'tools__act', arguments: '{"a":1}' }],
    });
    const call = await world.tools.next();
    const [span] = named('execute_tool tools__act');
    expect(call.request.traceparent).toBe(span?.traceparent);
    call.answer({ content: 'no', isError: true });
    (await world.models.next()).answer({ text: 'done' });
    await world.ended(agentId);
    expect(span).toMatchObject({ isEnded: true, attributes: { 'skynet.tool.is_error': true } });
    const chats = named('chat puppet:a').map(({ traceparent }) => traceparent);
    const spansOf = (name: string) => timed.filter(([of]) => of === name).map(([, of]) => of);
    expect(spansOf('skynet_model_call_seconds')).toEqual(chats);
    expect(spansOf('skynet_tool_call_seconds')).toEqual([span?.traceparent]);
    expect(spansOf('skynet_step_seconds')).toContain('active');
    expect(span?.error).toBeUndefined();
    expect(span?.attributes).toMatchObject({
      'network.transport': 'tcp',
      'server.address': '127.0.0.1',
      'server.port': 9,
    });
    expect(span?.content).toEqual({
      'gen_ai.tool.call.arguments': '{"a":1}',
      'gen_ai.tool.call.result': 'no',
    });
  });

  it('shows no secret that is known in instructions, messages, arguments, results, answers and names', async () => {
    const SECRET = 'hunter2-hunter2';
    const secrets = new KnownSecrets();
    secrets.know([SECRET]);
    const own = new RecordingTracing((text, chars) => secrets.cutStart(text, chars));
    await world.stop();
    world = await RuntimeWorld.create(new ManualClock(), {
      templates: { guard: templateSchema.parse({ instructions: `never say ${SECRET}` }) },
    });
    await world.start({ tracing: own, slots: 1 });
    const description = `use ${SECRET} wisely`;
    const agentId = await spawn({
      ...{ task: { description }, template: 'guard' },
      ...{ model: { id: 'puppet:a' }, tools: ['tools__act'] },
    });
    const calls = [{ name: 'tools__act', arguments: JSON.stringify({ key: SECRET }) }];
    (await world.models.next()).answer({ text: `with ${SECRET}`, toolCalls: calls });
    const call = await world.tools.next();
    expect(call.request.arguments).toEqual({ key: SECRET });
    call.answer({ content: `got ${SECRET}`, isError: false });
    (await world.models.next()).answer({ text: `it was ${SECRET}` });
    await world.ended(agentId);
    const nameless = await spawn({ task: { description }, model: { id: 'scripted:echo' } });
    await world.ended(nameless);
    await eventually(() =>
      expect(own.spans.map(({ name }) => name)).toContain('invoke_agent use *** wisely'),
    );
    const shown = JSON.stringify(own.spans);
    expect(shown).not.toContain(SECRET);
    for (const text of ['never say', 'use', 'with', 'got', 'it was', String.raw`\\\"key\\\":\\\"`])
      expect(shown).toContain(text.startsWith('\\') ? `${text}***` : `${text} ***`);
  });

  it('has what a lost worker had under way, from its start to when another took over', async () => {
    const agentId = await spawn({ model: { id: 'puppet:a' } });
    await world.models.next();
    const startMs = world.clock.nowMs();
    await world.start({ workerId: 'worker-2', slots: 1, tracing: new RecordingTracing() });
    isAlive = false;
    await world.clock.advance(10_000);
    await world.dispatchAgain(agentId);
    await world.seen(agentId, 'RunStarted', 2);
    (await world.models.next()).answer({ text: 'done' });
    await world.ended(agentId);
    await told(agentId);
    const lost = tracing.spans.filter(({ error }) => error?.type === 'worker_lost');
    expect(lost.map(above)).toEqual([
      ['run 1', 'create_agent count'],
      ['chat puppet:a', 'run 1', 'create_agent count'],
    ]);
    const [second] = named('run 2');
    const takenOverMs = world
      .eventsOf(agentId)
      .findLast(({ type }) => type === 'RunStarted')?.timeMs;
    for (const span of lost) {
      expect([span.startMs, span.endMs]).toEqual([startMs, takenOverMs]);
    }
    expect(second).toBeUndefined();
    expect(lost[0]?.traceparent).toBe(named('run 1')[0]?.traceparent);
  });

  it('ends a call that was cut off without an error', async () => {
    const agentId = await spawn({ model: { id: 'puppet:a' } });
    await world.models.next();
    await world.send('TerminateAgent', { agentId, reason: 'enough' });
    const life = await told(agentId);
    await eventually(() => expect(named('chat puppet:a')[0]?.isEnded).toBe(true));
    const [chat] = named('chat puppet:a');
    expect(chat).toMatchObject({ attributes: { 'skynet.cancelled': true } });
    expect([chat?.error, life.error]).toEqual([undefined, undefined]);
    expect(life.events.at(-1)).toMatchObject({
      name: 'agent terminated',
      attributes: { 'skynet.principal': 'alice', 'skynet.agent.reason': 'enough' },
    });
  });
});
