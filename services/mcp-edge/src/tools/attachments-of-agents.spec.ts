import { expect, it } from '@jest/globals';
import type { ToolName } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import { ManualClock } from '@skynet/testing';
import { agentIdNamed, agentRow, SPAWNED_AT_MS } from '../testing/agent-rows.js';
import { edgeFixture } from '../testing/edge-fixture.js';

const attachment = (digit: string) => ({ id: digit.repeat(64), mediaType: 'image/png', bytes: 70 });
const [own, ofChild, unnamed] = [attachment('a'), attachment('b'), attachment('c')];
const ROOT = agentRow('root', {
  childIds: [agentIdNamed('child')],
  status: 'completed',
  output: `See ${own.id} and ${ofChild.id}.`,
  attachments: [own, unnamed],
});
const family = { parentId: ROOT.agentId, rootId: ROOT.agentId, depth: 1 };
const CHILD = agentRow('child', { ...family, attachments: [ofChild] });
const OTHER = agentRow('other', { status: 'completed' });

it('attachments are told of an agent, and with its result where that names them', async () => {
  const edge = await edgeFixture(new ManualClock(SPAWNED_AT_MS));
  edge.owner.rows.push(ROOT, CHILD, OTHER);
  for (const row of edge.owner.rows) await edge.project(row);
  const read = async (name: ToolName, { agentId }: typeof ROOT) => {
    const answer = await edge.call(name, { agentId }, { role: 'viewer' });
    if (isRefused(answer)) throw new Error(answer.refused.message);
    return answer.output;
  };
  expect(await read('get_agent_status', ROOT)).toMatchObject({ attachments: [own, unnamed] });
  expect(await read('get_agent_result', ROOT)).toMatchObject({ attachments: [own, ofChild] });
  expect(await read('get_agent_result', OTHER)).not.toHaveProperty('attachments');
});
