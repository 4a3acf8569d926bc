import { describe, expect, it } from '@jest/globals';
import type { ShowText } from '@skynet/platform';
import type { ModelMessage } from '../models/model.port.js';
import {
  answerMessage,
  instructionParts,
  isFirstCall,
  newMessages,
  toolDefinitions,
} from './message-parts.js';

const show: ShowText = (text, chars) => text.slice(0, chars);
const task: ModelMessage = { role: 'user', text: 'count' };
const call = { id: 'm1_0', name: 'files__read', arguments: '{"a":1}' };
const asked: ModelMessage = { role: 'assistant', text: '', toolCalls: [call] };
const result: ModelMessage = { role: 'tool', toolCallId: 'm1_0', content: 'no', isError: true };

const read = (json: string) => JSON.parse(json) as { parts: { content: string }[] }[];

describe('messages in a span', () => {
  it('are those that the model was not told before, in parts', () => {
    expect(JSON.parse(newMessages({ messages: [task] }, show))).toEqual([
      { role: 'user', parts: [{ type: 'text', content: 'count' }] },
    ]);
    expect(JSON.parse(newMessages({ messages: [task, asked, result, task] }, show))).toEqual([
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'm1_0', response: 'no' }] },
      { role: 'user', parts: [{ type: 'text', content: 'count' }] },
    ]);
    expect([[task], [task, asked, result]].map((messages) => isFirstCall({ messages }))).toEqual([
      true,
      false,
    ]);
  });

  it('have the answer with why it ended', () => {
    const answer = { text: 'done', toolCalls: [], usage: undefined };
    expect(
      JSON.parse(answerMessage({ ...answer, response: { finishReason: 'stop' } }, show)),
    ).toEqual([
      {
        role: 'assistant',
        parts: [{ type: 'text', content: 'done' }],
        finish_reason: 'stop',
      },
    ]);
    const { name, arguments: given } = call;
    const calls = { ...answer, text: '', toolCalls: [{ name, arguments: given }] };
    expect(JSON.parse(answerMessage(calls, show))).toEqual([
      { role: 'assistant', parts: [{ type: 'tool_call', name, arguments: given }] },
    ]);
  });

  it('are cut, and say so: each part, and how many there are', () => {
    const [long] = read(newMessages({ messages: [{ ...task, text: 'x'.repeat(10_000) }] }, show));
    expect(long?.parts[0]?.content).toHaveLength(8_192 + '\n[1808 more characters]'.length);
    const many = Array.from({ length: 100 }, () => task);
    const said = read(newMessages({ messages: many }, show));
    expect(said).toHaveLength(65);
    expect(said.at(-1)?.parts).toEqual([{ type: 'text', content: '[36 more messages]' }]);
  });

  it('go with instructions and tools', () => {
    expect(JSON.parse(instructionParts('be brief', show))).toEqual([
      { type: 'text', content: 'be brief' },
    ]);
    const tool = { name: 'files__read', description: 'reads', inputSchema: {} };
    expect(JSON.parse(toolDefinitions([tool], show))).toEqual([
      { type: 'function', name: 'files__read', description: 'reads' },
    ]);
  });
});
