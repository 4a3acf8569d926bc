/** One event of the stream. */
export interface StreamEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What the model says, and what the API counts. */
export interface MessagesAnswer {
  /** Each is a text block of its own. */
  readonly texts?: readonly string[];
  readonly thinking?: string;
  /** `input` as text is sent as it stands, also when it is no JSON. */
  readonly toolCalls?: readonly { readonly name: string; readonly input: object | string }[];
  /** Default: `tool_use` with tool calls, else `end_turn`. */
  readonly stopReason?: string;
  /** Default: 10 in, 5 out, nothing cached. */
  readonly usage?: {
    readonly input?: number;
    readonly output?: number;
    readonly cacheWrite?: number;
    readonly cacheRead?: number;
  };
}

/** The whole stream of an answer, from `message_start` to `message_stop`, with a ping and inputs in pieces. */
export function messageEvents(answer: MessagesAnswer): StreamEvent[] {
  const { texts = [], thinking, toolCalls = [], usage = {} } = answer;
  const stopReason = answer.stopReason ?? (toolCalls.length > 0 ? 'tool_use' : 'end_turn');
  const blocks = [
    ...(thinking === undefined ? [] : [thinkingBlock(thinking)]),
    ...texts.map(textBlock),
    ...toolCalls.map(({ name, input }, index) =>
      toolBlock(`toolu_${index}`, name, typeof input === 'string' ? input : JSON.stringify(input)),
    ),
  ];
  return [
    { type: 'message_start', message: messageOf(usage) },
    { type: 'ping' },
    ...blocks.flatMap((block, index) => [
      { type: 'content_block_start', index, content_block: block.start },
      ...block.deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { output_tokens: usage.output ?? 5 },
    },
    { type: 'message_stop' },
  ];
}

function messageOf(usage: NonNullable<MessagesAnswer['usage']>): object {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-test',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: {
      input_tokens: usage.input ?? 10,
      output_tokens: 1,
      cache_creation_input_tokens: usage.cacheWrite ?? 0,
      cache_read_input_tokens: usage.cacheRead ?? 0,
    },
  };
}

interface Block {
  readonly start: object;
  readonly deltas: readonly object[];
}

function textBlock(text: string): Block {
  return {
    start: { type: 'text', text: '' },
    deltas: inPieces(text).map((piece) => ({ type: 'text_delta', text: piece })),
  };
}

function thinkingBlock(thinking: string): Block {
  return {
    start: { type: 'thinking', thinking: '', signature: '' },
    deltas: [
      { type: 'thinking_delta', thinking },
      { type: 'signature_delta', signature: 'signed' },
    ],
  };
}

function toolBlock(id: string, name: string, json: string): Block {
  return {
    start: { type: 'tool_use', id, name, input: {} },
    deltas: ['', ...inPieces(json)].map((piece) => ({
      type: 'input_json_delta',
      partial_json: piece,
    })),
  };
}

/** The first half and the rest, so that readers have to put texts together. */
function inPieces(text: string): string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].filter((piece) => piece !== '');
}
