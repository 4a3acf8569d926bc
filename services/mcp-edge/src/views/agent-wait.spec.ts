import { describe, expect, it } from '@jest/globals';
import { subjects, type AgentRow } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import { MemoryBroker, MemoryMessageBus } from '@skynet/platform';
import { agentIdNamed, agentRow } from '../testing/agent-rows.js';
import { AgentWait } from './agent-wait.js';

const agentId = agentIdNamed('over');
const over = agentRow('over', { tenant: 'acme', status: 'completed' });

/** What a wait of acme finds after the hint, and how often it has looked. */
async function foundAfter(hint: object) {
  const clock = new ManualClock();
  const bus = new MemoryMessageBus(new MemoryBroker(), clock);
  let looks = 0;
  const find = async () => {
    looks += 1;
    return { row: { ...over, revision: 99 } };
  };
  const wait = new AgentWait({ tenant: 'acme', agentId }, { bus, reader: { find }, clock });
  bus.hint(subjects.agentView(agentId), hint);
  const { signal } = new AbortController();
  const options = { timeoutMs: 1_000, lookEveryMs: 500, signal, onLook: () => undefined };
  const found = await wait.untilEnd({ ...options, made: 'now' });
  wait.close();
  return { looks, revision: found?.row.revision };
}

const hintWith = (row?: unknown) => ({ revision: over.revision, status: over.status, row });

describe('a wait for the end of an agent', () => {
  it('takes the row that the hint shows', async () => {
    expect(await foundAfter(hintWith(over))).toEqual({ looks: 0, revision: over.revision });
  });

  it.each<[string, unknown]>([
    ['no row', undefined],
    ['what is none', { agentId }],
    ['a row of another tenant', { ...over, tenant: 'other' } satisfies AgentRow],
    ['a row of another agent', { ...over, agentId: agentIdNamed('two') }],
    ['one that has not ended', { ...over, status: 'running' }],
  ])('looks for itself after a hint that shows %s', async (_what, row) => {
    expect(await foundAfter(hintWith(row))).toEqual({ looks: 1, revision: 99 });
  });
});
