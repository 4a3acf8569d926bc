import { describe, expect, it } from '@jest/globals';
import { rejection, streamNames, type ErrorCode } from '@skynet/contracts';
import { isSpawned, type AgentState } from '@skynet/domain-agents';
import { fold } from '@skynet/kernel';
import { WorldError } from '@skynet/platform';
import { agentSpawned, anAgentId, aSpec, childReserved } from '@skynet/testing';
import type { AgentExecution, AgentRequest, Agents } from '../owner/agents.js';
import { agentStreamModel } from '../owner/agent-stream.js';
import { MessagesReactor } from './messages.reactor.js';
import type { ReactedCommit } from './reactions.js';

const [senderId, childId, otherId] = [anAgentId(), anAgentId(2), anAgentId(3)];
const spec = aSpec({ metadata: { name: 'lead\nof all' } });
const { decider } = agentStreamModel;
const sender = fold(decider, [agentSpawned({ agentId: senderId, spec }), childReserved(childId)]);

/** Agents that take, refuse or fail as the test says. */
function agents(
  answer: (text: string, to: unknown) => ErrorCode | Error | undefined,
  receiver?: AgentState,
) {
  const taken: AgentRequest<'SendAgentMessage'>[] = [];
  const execute = (to: unknown, request: AgentRequest<'SendAgentMessage'>) => {
    const said = answer(request.data.text as string, to);
    if (said instanceof Error) return Promise.reject(said);
    const state = receiver ?? sender;
    if (said !== undefined) return Promise.resolve({ refused: rejection(said, ''), state });
    taken.push(request);
    return Promise.resolve({ events: [], state } as unknown as AgentExecution);
  };
  const load = () => Promise.resolve(sender);
  const reactor = new MessagesReactor({ load, execute } as unknown as Agents);
  return { reactor, taken: () => taken.map(({ data }) => data.text), requests: taken };
}

function commit(revision: number, text: string, to = [childId]): ReactedCommit {
  const data = {
    messageId: `${senderId}:m${revision}_0`,
    toolCallId: `m${revision}_0`,
    to,
    text,
    interrupts: false,
  };
  const metadata = { traceparent: 'trace' };
  const event = { type: 'MessageSent', data, revision, timeMs: 0, metadata };
  return { stream: streamNames.agent(senderId), revision, events: [event] } as never;
}

const away = () => new WorldError('no connection', 'later');

describe('what an agent tells another', () => {
  it('is sent on its behalf, under an id that is the same each time', async () => {
    const { reactor, requests } = agents(() => undefined);
    await reactor.react(commit(1, 'one'));
    await reactor.react(commit(1, 'one'));
    expect(requests.map(({ id }) => id)).toEqual(Array(2).fill(`${childId}:${senderId}:m1_0`));
    expect(requests[0]?.data).toEqual({
      messageId: `${senderId}:m1_0`,
      from: { kind: 'agent', agentId: senderId, name: 'lead of all' },
      text: 'one',
      interrupts: false,
    });
  });

  it('comes in its order, though the first is held up', async () => {
    let isAway = true;
    const { reactor, taken } = agents((text) => (isAway && text === 'one' ? away() : undefined));
    await expect(reactor.react(commit(1, 'one'))).rejects.toThrow('no connection');
    await expect(reactor.react(commit(2, 'two'))).rejects.toThrow('no connection');
    expect(taken()).toEqual([]);
    isAway = false;
    await reactor.react(commit(2, 'two'));
    await reactor.react(commit(1, 'one'));
    expect(taken().slice(0, 2)).toEqual(['one', 'two']);
  });

  it('is not held up by what another takes no more of, or can not be told', async () => {
    for (const answer of ['LIMIT_MESSAGES', new Error('a bug')] as const) {
      const { reactor, taken } = agents((_, to) => (to === childId ? answer : undefined));
      const toAll = commit(1, 'to all', [childId, otherId]);
      await expect(reactor.react(toAll)).rejects.toThrow();
      await expect(reactor.react(toAll)).rejects.toThrow();
      await reactor.react(commit(2, 'to one', [otherId]));
      expect(taken()).toEqual(['to all', 'to one']);
    }
  });

  it('is dropped for one that has ended, and by a bug of ours: the others go on', async () => {
    const { reactor, taken } = agents((text) =>
      text === 'one' ? 'AGENT_ALREADY_ENDED' : text === 'two' ? new Error('a bug') : undefined,
    );
    await reactor.react(commit(1, 'one'));
    await expect(reactor.react(commit(2, 'two'))).rejects.toThrow('a bug');
    await reactor.react(commit(3, 'three'));
    expect(taken()).toEqual(['three']);
  });

  it('waits for a sibling that is reserved, and not for a parent that is not there', async () => {
    const parentId = anAgentId(9);
    const below = fold(decider, [agentSpawned({ agentId: senderId, parentId })]);
    const absent: AgentState = { phase: 'absent' };
    const execute = () =>
      Promise.resolve({ refused: rejection('AGENT_NOT_FOUND', ''), state: absent });
    const load = () => Promise.resolve(below);
    const reactor = new MessagesReactor({ load, execute } as unknown as Agents);
    await reactor.react(commit(1, 'one', [parentId]));
    await expect(reactor.react(commit(2, 'two', [otherId]))).rejects.toThrow('no message yet');
  });

  it.each<[string, ErrorCode, AgentState, boolean]>([
    ['is full', 'LIMIT_MESSAGES', sender, true],
    ['is reserved', 'AGENT_NOT_FOUND', { phase: 'absent' }, true],
    ['was refused', 'AGENT_NOT_FOUND', { phase: 'refused', reason: '' }, false],
  ])('is tried again where the receiver %s: %s', async (_, code, receiver, isAgain) => {
    const { reactor } = agents(() => code, receiver);
    expect(isSpawned(sender)).toBe(true);
    const told = Promise.resolve(reactor.react(commit(1, 'one')));
    const failure = await told.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure instanceof WorldError && failure.retry === 'later').toBe(isAgain);
  });
});
