import { expect, it } from '@jest/globals';
import { isRefused } from '@skynet/kernel';
import { ManualClock } from '@skynet/testing';
import { agentRow, SPAWNED_AT_MS } from '../testing/agent-rows.js';
import { edgeFixture } from '../testing/edge-fixture.js';

const version = '0123456789ab';
const OF_NOW = agentRow('of-now', { template: 'poet', templateVersion: version });
const OF_BEFORE = agentRow('of-before', { template: 'poet' });
const WITHOUT = agentRow('without');

it('the status names the template of an agent, with its version where the row has it', async () => {
  const edge = await edgeFixture(new ManualClock(SPAWNED_AT_MS));
  edge.owner.rows.push(OF_NOW, OF_BEFORE, WITHOUT);
  for (const row of edge.owner.rows) await edge.project(row);
  const statusOf = async ({ agentId }: typeof WITHOUT) => {
    const answer = await edge.call('get_agent_status', { agentId }, { role: 'viewer' });
    if (isRefused(answer)) throw new Error(answer.refused.message);
    return answer.output;
  };
  expect(await statusOf(OF_NOW)).toMatchObject({ template: { name: 'poet', version } });
  expect(await statusOf(OF_BEFORE)).toHaveProperty('template', { name: 'poet' });
  expect(await statusOf(WITHOUT)).not.toHaveProperty('template');
});
