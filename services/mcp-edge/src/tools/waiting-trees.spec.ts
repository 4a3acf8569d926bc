import { beforeEach, describe, expect, it } from '@jest/globals';
import { rejection, type AgentRow } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import { ManualClock } from '@skynet/testing';
import { resultOf } from '../mcp/tool-result.js';
import { agentIdNamed, agentRow, SPAWNED_AT_MS } from '../testing/agent-rows.js';
import { edgeFixture, type EdgeFixture } from '../testing/edge-fixture.js';

const WAIT = { limit: 'liveAgents', max: 1_000, waitingTrees: 12 };
const WORDS =
  'waits to start: the tenant has 1000 live agents, its limit liveAgents; 12 trees wait';

let edge: EdgeFixture;
let asked: unknown[];

beforeEach(async () => {
  edge = await edgeFixture(new ManualClock(SPAWNED_AT_MS));
  asked = [];
});

function schedulerAnswers(answer: object): void {
  edge.bus.serve('q.schedule.wait', 'scheduler', async ({ data }) => {
    asked.push(data);
    return answer;
  });
}

async function stepOf(fields: Partial<AgentRow>): Promise<unknown> {
  const row = agentRow('one', fields);
  await edge.project(row);
  const answer = await edge.call('get_agent_status', { agentId: row.agentId });
  if (isRefused(answer)) throw new Error(answer.refused.message);
  return (answer.output as { step?: string }).step;
}

describe('the status of a root that waits to start', () => {
  it('says for which limit of its tenant', async () => {
    schedulerAnswers({ wait: WAIT });
    expect(await stepOf({ status: 'queued' })).toBe(WORDS);
    expect(asked).toEqual([{ tenant: 'acme', agentId: agentIdNamed('one') }]);
  });

  it('says nothing of the kind where it waits for a slot only, or no scheduler is there', async () => {
    expect(await stepOf({ status: 'queued' })).toBeUndefined();
    schedulerAnswers({});
    expect(await stepOf({ status: 'queued' })).toBeUndefined();
  });

  it('is not asked for of agents that run, or have a parent', async () => {
    schedulerAnswers({ wait: WAIT });
    expect(await stepOf({ status: 'running', step: 'model' })).toBe('model');
    expect(await stepOf({ status: 'queued', parentId: agentIdNamed('parent') })).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

describe('a spawn that a limit of the tenant refuses', () => {
  it('is told which one, that it may be sent again, and when', async () => {
    const about = { limit: 'waitingTrees', retryAfterMs: 10_000 };
    edge.owner.answer = ({ id }) => {
      return { id, ok: false, error: rejection('TENANT_LIMIT', 'full', about) };
    };
    const answer = await edge.call('spawn_agent', { task: { description: 'count' } });
    const { content, isError } = resultOf(answer);
    expect(isError).toBe(true);
    const [text] = content as { text: string }[];
    expect(JSON.parse(text?.text ?? '')).toMatchObject({
      code: 'TENANT_LIMIT',
      retryable: true,
      ...about,
    });
  });
});
