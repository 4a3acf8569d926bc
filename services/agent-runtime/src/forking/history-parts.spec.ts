import { describe, expect, it } from '@jest/globals';
import type { ConversationEntry } from '@skynet/domain-agents';
import { historyParts } from './history-parts.js';

const result = {
  kind: 'toolResult',
  toolCallId: 'm1_0',
  content: 'a map',
  isError: false,
} as const;
const answer = { kind: 'answer', text: 'look', toolCalls: [] } as const;

describe('a history that is shared', () => {
  it('has neither images nor what was thought, which its shape does not know', () => {
    const conversation: ConversationEntry[] = [
      { ...answer, thinking: 'hm' },
      { ...result, images: [{ mimeType: 'image/png', data: 'abcd' }] },
    ];
    const parts = historyParts({ conversation, children: [] });
    expect(parts).toEqual([{ conversation: [answer, result], children: [] }]);
  });
});
