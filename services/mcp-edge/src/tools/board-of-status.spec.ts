import { expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { agentRow, SPAWNED_AT_MS } from '../testing/agent-rows.js';
import { edgeFixture } from '../testing/edge-fixture.js';

const AGENT = agentRow('agent');
const { agentId } = AGENT;
const board = {
  rootId: agentId,
  version: 1,
  keys: [{ key: 'plan', version: 1, bytes: 1, by: agentId, value: 'x' }],
};

it('is there for whoever asks for it, and for nobody else', async () => {
  const edge = await edgeFixture(new ManualClock(SPAWNED_AT_MS));
  edge.owner.rows.push(AGENT);
  edge.owner.board = { board };
  await edge.project(AGENT);
  const read = (input: object) =>
    edge.call('get_agent_status', { agentId, ...input }, { role: 'viewer' });
  expect(await read({ board: 'pl' })).toMatchObject({ output: { board } });
  const request = { tenant: 'acme', agentId, prefix: 'pl' };
  expect(edge.owner.questions).toContainEqual({ query: 'board', request });
  expect(await read({})).not.toHaveProperty('output.board');
  const tooLong = await read({ board: 'k'.repeat(129) });
  expect(tooLong).toMatchObject({ refused: { code: 'INVALID_ARGUMENTS' } });
});
