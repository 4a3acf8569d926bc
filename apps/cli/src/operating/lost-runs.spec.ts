import { describe, expect, it } from '@jest/globals';
import { streamNames } from '@skynet/contracts';
import type { Commit } from '@skynet/platform';
import { anAgentId } from '@skynet/testing';
import { LostRuns } from './lost-runs.js';

const agentId = anAgentId(1);
const started = {
  type: 'RunStarted',
  version: 2,
  data: { epoch: 1, dispatchId: 7, workerId: 'w', offered: null },
};

function lostAfter(stream: string, ...events: { readonly type: string }[]) {
  const runs = new LostRuns();
  runs.add({ stream, events: events as unknown as Commit['events'] });
  return runs.items();
}

describe('the runs that a log leaves under way', () => {
  const stream = streamNames.agent(agentId);

  it('are those that were started and did not end', () => {
    const item = { agentId, dispatchId: 7, isLost: true };
    expect(lostAfter(stream, started)).toEqual([item]);
    expect(lostAfter(stream, started, { type: 'ModelCallStarted' })).toEqual([item]);
  });

  it.each(['AgentParked', 'RunYielded', 'AgentCompleted', 'AgentTerminated'])(
    'are over with %s',
    (type) => {
      expect(lostAfter(stream, started, { type })).toEqual([]);
    },
  );

  it('are agents’ only', () => {
    expect(lostAfter(streamNames.principal('alice'), { type: 'UserRegistered' })).toEqual([]);
  });
});
