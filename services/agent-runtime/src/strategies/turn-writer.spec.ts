import { describe, expect, it } from '@jest/globals';
import type { SpawnedAgent } from '@skynet/domain-agents';
import type { ModelRequest } from '../models/model.port.js';
import { NOTHING_LEFT } from './strategy-note.js';
import { toldConversation } from './told-conversation.js';
import { TurnWriter } from './turn-writer.js';

const task = 'count the stars';

function bytesAsked(held: number, contextTokens?: number): number {
  const agent = {
    modelCall: { held: { inputTokens: held, outputTokens: 100 } },
    spawned: { spec: {} },
  } as unknown as SpawnedAgent;
  const price = { inputMicroUsdPerMillion: 0, outputMicroUsdPerMillion: 0 };
  const messages = [{ role: 'user', text: task } as const];
  const request: ModelRequest = { messages, tools: [], maxTokens: 100, price };
  const told = toldConversation(messages);
  const basis = { task, told, left: NOTHING_LEFT, overheadBytes: 0, contextTokens };
  const results = [{ title: 'one', text: 'x'.repeat(9_000) }];
  const turn = { kind: 'answer', instruction: 'Join.', results, missing: [] } as const;
  const written = new TurnWriter(agent, request, basis).write(turn);
  if (written.kind !== 'asks') throw new Error('no model is asked');
  return Buffer.byteLength(JSON.stringify(written.request.messages));
}

describe('what a strategy asks the model', () => {
  it('is whole where it fits', () => expect(bytesAsked(20_000)).toBeGreaterThan(9_000));

  it('is no more than was held for the call', () => {
    expect(bytesAsked(4_000)).toBeLessThan(4_000);
  });

  it('is no more than the model can read', () => {
    expect(bytesAsked(20_000, 2_100)).toBeLessThan(4_000);
  });
});
