import { describe, expect, it } from '@jest/globals';
import type { ModelMessage, ModelRequest } from '../model.port.js';
import { messageParams } from './message-params.js';
import { WireTools } from '../wire/wire-tools.js';

const look = {
  name: 'sky__look.up',
  description: 'Looks up.',
  inputSchema: { properties: { north: { type: 'boolean' } } },
};

const asking: ModelMessage[] = [
  { role: 'user', text: 'count the stars' },
  {
    role: 'assistant',
    text: '',
    toolCalls: [
      { id: 'm1_0', name: 'sky__look.up', arguments: '{"north":true}' },
      { id: 'm1_1', name: 'sky__look.up', arguments: 'no JSON' },
    ],
  },
  { role: 'tool', toolCallId: 'm1_0', content: 'seven', isError: false },
  { role: 'tool', toolCallId: 'm1_1', content: 'not an object', isError: true },
];

function paramsOf(asked: Partial<ModelRequest>) {
  const request: ModelRequest = {
    messages: [{ role: 'user', text: 'count the stars' }],
    tools: [],
    maxTokens: 100,
    price: { inputMicroUsdPerMillion: 0, outputMicroUsdPerMillion: 0 },
    ...asked,
  };
  return messageParams('claude-opus-5', request, new WireTools(request));
}

describe('the request', () => {
  it('carries instructions as system prompt, and the settings', () => {
    const params = paramsOf({ instructions: 'You are an astronomer.', temperature: 0 });
    expect(params).toEqual({
      model: 'claude-opus-5',
      system: 'You are an astronomer.',
      max_tokens: 100,
      temperature: 0,
      stream: true,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'count the stars' }] }],
    });
  });

  it('shows images with the result that they are of, and with no error', () => {
    const images = [{ mimeType: 'image/png', data: 'abcd' }] as const;
    const result = (toolCallId: string, isError: boolean): ModelMessage => {
      return { role: 'tool', toolCallId, content: 'a map', isError, images };
    };
    const messages = [...asking.slice(0, 2), result('m1_0', false), result('m1_1', true)];
    const source = { type: 'base64', media_type: 'image/png', data: 'abcd' };
    const shown = [
      { type: 'text', text: 'a map' },
      { type: 'image', source },
    ];
    expect(paramsOf({ messages, tools: [look] }).messages[2]?.content).toMatchObject([
      { tool_use_id: 'm1_0', content: shown },
      { tool_use_id: 'm1_1', content: 'a map', is_error: true },
    ]);
  });

  it('shows the images of a task behind its text', () => {
    const images = [{ mimeType: 'image/png', data: 'abcd' }] as const;
    const messages: ModelMessage[] = [{ role: 'user', text: 'what is it?', images }];
    expect(paramsOf({ messages }).messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'what is it?' },
          {
            type: 'image',
            source: { type: 'base64', media_type: 'image/png', data: 'abcd' },
          },
        ],
      },
    ]);
  });

  it('names no temperature when nobody asked for one', () => {
    expect(paramsOf({})).not.toHaveProperty('temperature');
  });

  it('has all results of a turn in one message, right after the calls', () => {
    expect(paramsOf({ messages: asking, tools: [look] }).messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'm1_0', name: 'sky__look_up', input: { north: true } },
          { type: 'tool_use', id: 'm1_1', name: 'sky__look_up', input: { notAnObject: 'no JSON' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'm1_0', content: 'seven', is_error: false },
          { type: 'tool_result', tool_use_id: 'm1_1', content: 'not an object', is_error: true },
        ],
      },
    ]);
  });

  it('adds what the user says after results to their message', () => {
    const messages: ModelMessage[] = [...asking, { role: 'user', text: 'now stop' }];
    const last = paramsOf({ messages, tools: [look] }).messages.at(-1);
    expect(last?.content).toHaveLength(3);
    expect(last?.content.at(-1)).toEqual({ type: 'text', text: 'now stop' });
  });

  it('offers tools under names that the API takes', () => {
    const other = { ...look, name: 'sky__look_up' };
    expect(paramsOf({ tools: [look, other] }).tools).toEqual([
      {
        name: 'sky__look_up',
        description: 'Looks up.',
        input_schema: { type: 'object', properties: { north: { type: 'boolean' } } },
      },
      expect.objectContaining({ name: 'sky__look_up_2' }),
    ]);
  });

  it('rules tools out in a turn without any, when there were calls before', () => {
    const params = paramsOf({ messages: asking });
    expect(params.tools).toEqual([{ name: 'sky__look_up', input_schema: { type: 'object' } }]);
    expect(params.tool_choice).toEqual({ type: 'none' });
  });
});

describe('a tool under another name for the API', () => {
  it('has its own name again in the answer', () => {
    const names = new WireTools({ tools: [look, { ...look, name: 'sky__look_up' }] });
    expect(names.ownNameOf('sky__look_up')).toBe('sky__look.up');
    expect(names.ownNameOf('sky__look_up_2')).toBe('sky__look_up');
    expect(names.ownNameOf('invented')).toBe('invented');
  });
});
