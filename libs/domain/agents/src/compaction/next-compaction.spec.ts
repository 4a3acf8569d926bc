import { describe, expect, it } from '@jest/globals';
import { agentSpawned } from '@skynet/testing';
import type { CountedRequest, SpawnedAgent } from '../agent/agent-state.js';
import { entryBytes, type ConversationEntry } from '../agent/conversation.js';
import { newAgent } from '../evolution/spawning.js';
import { compacted } from './compacted.js';
import { nextCompaction } from './next-compaction.js';
import { entriesToSummarise } from './summarised.js';

const room = { contextTokens: 32_000, promptBytes: 3_000, maySummarise: false };

const answer = (id: string): ConversationEntry => ({
  kind: 'answer',
  text: 'reading',
  toolCalls: [{ id, name: 'files__read', arguments: '{}' }],
});
const result = (toolCallId: string, bytes: number): ConversationEntry => {
  return { kind: 'toolResult', toolCallId, content: 'x'.repeat(bytes), isError: false };
};

/** Turns that each read so many bytes. */
const turns = (...bytes: number[]) =>
  bytes.flatMap((each, index) => [answer(`c${index}`), result(`c${index}`, each)]);

function agentWith(conversation: ConversationEntry[], counted?: CountedRequest): SpawnedAgent {
  const conversationBytes = conversation.reduce((sum, entry) => sum + entryBytes(entry), 0);
  return { ...newAgent(agentSpawned().data), conversation, conversationBytes, counted };
}

const next = (...args: Parameters<typeof agentWith>) => nextCompaction(agentWith(...args), room);
const nextOf = (conversation: ConversationEntry[]) =>
  nextCompaction(agentWith(conversation), { ...room, maySummarise: true });

const talk = (bytes: number): ConversationEntry => {
  return { kind: 'answer', text: 'x'.repeat(bytes), toolCalls: [] };
};

describe('a request that fits', () => {
  it('stays as it is', () => {
    expect(next(turns(20_000, 20_000, 20_000))).toEqual({ kind: 'none' });
  });

  it('is measured by what its provider counted, where it did', () => {
    const conversation = turns(30_000, 30_000, 30_000, 30_000, 9);
    const counted = { tokens: 15_000, bytes: 130_000, entries: conversation.length };
    expect(next(conversation, counted)).toEqual({ kind: 'none' });
  });
});

describe('a request that is too large', () => {
  it('loses the large results before the last four turns', () => {
    expect(next(turns(20_000, 20_000, 20_000, 20_000, 9))).toEqual({ kind: 'results', entries: 2 });
  });

  it('loses as few of the later ones as will do when there are no others', () => {
    expect(next(turns(9, 9, 30_000, 9, 30_000, 9, 40_000))).toEqual({
      kind: 'results',
      entries: 6,
    });
  });

  it('loses even the last one', () => {
    expect(next(turns(9, 400_000))).toEqual({ kind: 'results', entries: 4 });
  });

  it('goes out as it is when it may fit and there is nothing to leave out', () => {
    expect(next([talk(90_000)])).toEqual({ kind: 'none' });
  });

  it('is given up when it surely does not fit', () => {
    expect(next([talk(200_000)])).toEqual({ kind: 'full' });
  });
});

describe('a request that is too large for what was said', () => {
  it('is preceded by a summary, where large results are not what fills it', () => {
    expect(nextOf([talk(40_000), ...turns(2_000, 9, 9, 9), talk(40_000)])).toEqual({
      kind: 'summary',
    });
  });

  it('loses large results instead when these are enough', () => {
    const conversation = [...turns(20_000), talk(40_000), talk(20_000), talk(9), talk(9)];
    expect(nextOf(conversation)).toEqual({ kind: 'results', entries: 2 });
  });

  it.each([
    ['what came before is short', [talk(3_000), talk(80_000)]],
    ['nothing came before', [talk(90_000)]],
    ['the agent can not pay for it', undefined],
    ['the request for it does not fit either', [talk(80_000), talk(80_000)]],
  ])('is not when %s', (_, conversation) => {
    const said = conversation ?? [talk(40_000), talk(40_000)];
    const found = conversation === undefined ? next(said) : nextOf(said);
    expect(found.kind).not.toBe('summary');
  });
});

describe('a summary', () => {
  const entries = (...conversation: ConversationEntry[]) =>
    entriesToSummarise(conversation, room.contextTokens);

  it('is of all but the last four turns', () => {
    expect(entries(...turns(20_000, 9, 9, 9, 9))).toBe(2);
  });

  it('is of more when the last turns are long, but never of the last one', () => {
    expect(entries(...turns(20_000, 20_000, 20_000, 20_000))).toBe(6);
    expect(entries(...turns(20_000, 90_000))).toBe(2);
  });

  it('is not of a summary and little more', () => {
    const before: ConversationEntry = { kind: 'message', text: 'x'.repeat(30_000) };
    expect(entries(before, ...turns(9))).toBeUndefined();
    expect(entries(before, ...turns(9, 9, 9, 9, 9))).toBeUndefined();
    expect(entries(before, ...turns(10_000, 9, 9, 9, 9))).toBe(3);
  });

  it('takes the place of what it is of', () => {
    const conversation = turns(20_000, 9);
    const left = compacted(agentWith(conversation, { tokens: 9_000, bytes: 24_000, entries: 4 }), {
      ...{ kind: 'summary', entries: 2, contextTokens: 32_000, text: 'short' },
    });
    expect(left.conversation).toEqual([
      { kind: 'message', text: 'short' },
      ...turns(20_000, 9).slice(2),
    ]);
    expect(left.counted).toMatchObject({ entries: 3 });
    expect(left.counted?.tokens).toBeLessThan(3_000);
  });
});

describe('what is left of a conversation', () => {
  const less = (conversation: ConversationEntry[], counted?: CountedRequest) =>
    compacted(agentWith(conversation, counted), {
      ...{ kind: 'results', entries: conversation.length, contextTokens: 32_000 },
    });

  it('names the tool and the size of what was left out, and keeps what is small', () => {
    const { conversation } = less([...turns(1_024), answer('b'), result('b', 1_025)]);
    expect(conversation[1]).toEqual(result('c0', 1_024));
    expect(conversation[3]).toMatchObject({
      toolCallId: 'b',
      content: '[result of files__read, 1025 bytes, left out to save room]',
    });
  });

  it('has no images', () => {
    const image = { mimeType: 'image/png', data: 'aGk=' } as const;
    const [, left] = less([
      answer('c'),
      { kind: 'toolResult', toolCallId: 'c', content: 'see', isError: false, images: [image] },
    ]).conversation;
    expect(left).toMatchObject({
      content: '[result of files__read, 3 bytes and 1 images, left out to save room]',
      images: undefined,
    });
  });

  it('says of agents which they were and how they ended', () => {
    const agentId = agentSpawned().data.agentId;
    const report = { agentId, status: 'completed', output: 'x'.repeat(2_000) };
    const reports = { kind: 'childReports', toolCallId: 'c', reason: 'met' } as const;
    const [left] = less([{ ...reports, reports: [report] }]).conversation;
    const output = '[result of an agent, 2000 bytes, left out to save room]';
    expect(left).toEqual({ ...reports, reports: [{ ...report, output }] });
  });

  it('has its share of the tokens that were counted', () => {
    const conversation = turns(40_000, 40_000);
    const bytes = 2 * entryBytes(conversation[0] as ConversationEntry) + 2 * 40_064;
    const before = { tokens: 20_000, bytes, entries: 4 };
    const { counted, conversationBytes } = less(conversation, before);
    expect(counted).toEqual({
      tokens: Math.ceil((20_000 * conversationBytes) / bytes),
      bytes: conversationBytes,
      entries: 4,
    });
  });

  it('is not taken out of what was counted when it came later', () => {
    const conversation = turns(9, 400_000);
    const before = { tokens: 100, bytes: 400, entries: 3 };
    expect(less(conversation, before).counted).toEqual(before);
  });
});
