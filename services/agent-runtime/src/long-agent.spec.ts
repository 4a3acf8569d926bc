import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentEventData, AgentId, Text } from '@skynet/contracts';
import type { StoredEvent } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import type { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld, startedWorld } from './testing/world-of-test.js';

const TURNS = 1_000;
const UNLIMITED = { tokens: 1_000_000_000 };

let world: RuntimeWorld;

beforeEach(async () => {
  world = await startedWorld(new ManualClock());
});

afterEach(() => endWorld(world));

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

/** What the events say that was not known before: the task, answers with their calls, results of tools. */
function contentBytes(events: readonly StoredEvent[]): number {
  const textBytes = (text: Text) => (typeof text === 'string' ? Buffer.byteLength(text) : 0);
  return events.reduce((sum, { type, data }) => sum + textBytesOf(type, data, textBytes), 0);
}

function textBytesOf(type: string, data: unknown, textBytes: (text: Text) => number): number {
  if (type === 'AgentSpawned') {
    return textBytes((data as AgentEventData<'AgentSpawned'>).spec.task.description);
  }
  if (type === 'ToolCallSettled') {
    return textBytes((data as AgentEventData<'ToolCallSettled'>).content);
  }
  if (type !== 'ModelCallSettled') return 0;
  const { outcome } = data as AgentEventData<'ModelCallSettled'>;
  if (outcome.kind !== 'answered') return 0;
  return outcome.toolCalls.reduce(
    (sum, call) => sum + textBytes(call.arguments),
    textBytes(outcome.text),
  );
}

/** The events of each turn: from one answer to before the next. */
function turnsOf(agentId: AgentId): StoredEvent[][] {
  const turns: StoredEvent[][] = [[]];
  for (const event of world.eventsOf(agentId)) {
    if (event.type === 'ModelCallSettled') turns.push([]);
    turns.at(-1)?.push(event);
  }
  return turns.slice(1);
}

describe('an agent of 1,000 turns', () => {
  it('stores less than three times what was said, and no turn stores more for those before it', async () => {
    const description = JSON.stringify({ turns: TURNS });
    const model = { id: 'scripted:chatter' };
    const agentId = await world.spawn({ description, model, limits: UNLIMITED });
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed' });
    const events = world.eventsOf(agentId);
    expect(bytesOf(events)).toBeLessThan(3 * contentBytes(events));
    const turns = turnsOf(agentId);
    expect(turns).toHaveLength(TURNS);
    const overheads = turns.slice(0, -1).map((turn) => bytesOf(turn) - contentBytes(turn));
    expect(Math.max(...overheads) - Math.min(...overheads)).toBeLessThan(200);
  }, 30_000);
});
