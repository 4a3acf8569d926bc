import { describe, expect, it } from '@jest/globals';
import { readCommit } from './logged-commit.js';

describe('a message of the log', () => {
  const headers: Readonly<Record<string, string>> = {
    'Skynet-Revisions': '3-4',
    'Skynet-Commit': 'c1',
    'Skynet-Previous': '7',
  };
  const text = JSON.stringify({
    v: 1,
    timeMs: 5,
    metadata: { epoch: 2 },
    events: [
      { id: 'e1', type: 'AgentParked', version: 1, data: { waitingFor: 'input' } },
      { id: 'e2', type: 'AgentWoken', version: 1, data: {}, timeMs: 6, metadata: { epoch: 3 } },
    ],
  });
  const message = {
    subject: 'log.agent.a',
    sequence: 9,
    text,
    header: (n: string) => headers[n] ?? '',
  };

  it('is a commit with its place, and what its events share is said of each', () => {
    expect(readCommit(message)).toEqual({
      agentId: 'a',
      sequence: 9,
      id: 'c1',
      firstRevision: 3,
      lastRevision: 4,
      previous: 7,
      events: [
        { type: 'AgentParked', epoch: 2, timeMs: 5, data: { waitingFor: 'input' } },
        { type: 'AgentWoken', epoch: 3, timeMs: 6, data: {} },
      ],
    });
  });

  it('without headers has no revisions that could pass for right ones', () => {
    expect(readCommit({ ...message, header: () => '' }).firstRevision).not.toBe(3);
  });
});
