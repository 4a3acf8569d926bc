import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newAgentId, parseTraceparent } from '@skynet/platform';
import { ManualClock, RecordingTracing, type RecordedSpan } from '@skynet/testing';
import { RuntimeWorld } from '../../testing/runtime-world.js';
import { endWorld } from '../../testing/world-of-test.js';

const CLIENT = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`;

let world: RuntimeWorld;
let tracing: RecordingTracing;

beforeEach(async () => {
  world = await RuntimeWorld.create(new ManualClock());
  tracing = new RecordingTracing();
  isAlive = true;
  await world.start({ tracing, slots: 1, renews: () => isAlive });
});
afterEach(() => endWorld(world));

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

describe('the trace of an agent', () => {
  it('is the one of the client, with every model call below its run', async () => {
    const agentId = await spawn({ model: { id: 'scripted:echo' } });
    await world.ended(agentId);
    await world.clock.advance(0);
    expect(
      new Set(tracing.spans.map(({ traceparent }) => parseTraceparent(traceparent)?.traceId)),
    ).toEqual(new Set(['c'.repeat(32)]));
    const [chat] = named('chat scripted:echo');
    expect(chat && above(chat)).toEqual([
      'chat scripted:echo',
      'invoke_agent agent',
      'create_agent agent',
    ]);
    expect(named('create_agent agent')[0]?.parent).toBe(CLIENT);
    expect(tracing.spans.every(({ isEnded }) => isEnded)).toBe(true);
    expect(chat?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'scripted:echo',
      'gen_ai.agent.id': agentId,
      'gen_ai.usage.output_tokens': expect.any(Number),
      'skynet.event.revision': world.eventsOf(agentId).length - 1,
    });
  });

  it('has the whole tree, each tool call once and each child below the call that spawned it', async () => {
    const description = JSON.stringify({ depth: 2, fanOut: 2 });
    await world.ended(await spawn({ task: { description }, model: { id: 'scripted:tree' } }));
    await world.clock.advance(0);
    const children = named('create_agent agent').slice(1);
    expect(children.map(above)).toEqual(
      Array.from({ length: 2 }, () => [
        'create_agent agent',
        'execute_tool spawn_agent',
        'invoke_agent agent',
        'create_agent agent',
      ]),
    );
    expect(new Set(children.map(({ parent }) => parent)).size).toBe(2);
    expect(named('execute_tool await_agents')).toHaveLength(1);
  });

  it('links a run to the one before', async () => {
    const description = JSON.stringify({ depth: 2, fanOut: 1 });
    const rootId = await spawn({ task: { description }, model: { id: 'scripted:tree' } });
    await world.ended(rootId);
    const [first, second] = named('invoke_agent agent').filter(
      ({ attributes }) => attributes['gen_ai.agent.id'] === rootId,
    );
    expect(second?.links).toEqual([first?.traceparent]);
    expect(first?.attributes['skynet.agent.status']).toBe('waiting');
  });

  it('goes on to tool servers, and shows a failure as one', async () => {
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
    expect(span).toMatchObject({ isEnded: true, error: { type: 'tool_error' } });
    expect(span?.content).toEqual({
      'gen_ai.tool.call.arguments': '{"a":1}',
      'gen_ai.tool.call.result': 'no',
    });
  });

  it('shows a run whose worker died, made good for by the next', async () => {
    const agentId = await spawn({ model: { id: 'puppet:a' } });
    await world.models.next();
    const successor = new RecordingTracing();
    await world.start({ workerId: 'worker-2', slots: 1, tracing: successor });
    isAlive = false;
    await world.dispatchAgain(agentId);
    await world.seen(agentId, 'RunStarted', 2);
    (await world.models.next()).answer({ text: 'done' });
    await world.ended(agentId);
    const lost = named('invoke_agent agent')[0];
    expect(
      successor.spans.find(({ traceparent }) => traceparent === lost?.traceparent),
    ).toMatchObject({ isEnded: true, error: { type: 'worker_lost' } });
  });
});
