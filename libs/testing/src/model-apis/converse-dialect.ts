import { crc32 } from 'node:zlib';
import {
  inPieces,
  inputText,
  objectionToAny,
  type ApiAnswer,
  type ApiBody,
  type ApiDialect,
  type ApiFailure,
} from './model-api.js';

interface ConverseBody {
  readonly messages?: readonly { readonly content: readonly Block[] }[];
  readonly toolConfig?: { readonly tools?: readonly Tool[] };
}

interface Tool {
  readonly toolSpec: { readonly name: string };
}

interface Block {
  readonly toolUse?: object;
  readonly toolResult?: object;
}

/** `ConverseStream` of Amazon Bedrock, in AWS's binary messages. */
export const converseDialect: ApiDialect = {
  contentType: 'application/vnd.amazon.eventstream',
  headers: { 'x-amzn-requestid': 'request-1' },
  frames: framesOf,
  errorBody: ({ code = 'error', message = code }) => ({ message }),
  errorFrame: ({ status, code = 'error', message = code }: ApiFailure) => {
    const name = status < 500 ? 'validationException' : 'serviceUnavailableException';
    return messageOf({ ':message-type': 'exception', ':exception-type': name }, { message });
  },
  objectionTo,
};

function objectionTo(body: ApiBody): string | undefined {
  const { messages = [], toolConfig } = body as ConverseBody;
  const tools = toolConfig?.tools ?? [];
  let open = 0;
  for (const { content } of messages) {
    const answers = content.filter(({ toolResult }) => toolResult !== undefined).length;
    if (answers !== open)
      return 'the number of toolResult blocks must equal that of toolUse blocks';
    open = content.filter(({ toolUse }) => toolUse !== undefined).length;
    if (open > 0 && tools.length === 0) return 'toolConfig must be defined with toolUse blocks';
  }
  return objectionToAny(
    body,
    tools.map(({ toolSpec }) => toolSpec.name),
  );
}

function framesOf(answer: ApiAnswer): Uint8Array[] {
  const { texts = [], thinking, toolCalls = [], stop } = answer;
  const blocks = [
    ...(thinking === undefined ? [] : [thinkingBlock(thinking)]),
    ...texts.map((text) => ({
      start: undefined,
      deltas: inPieces(text).map((text) => ({ text })),
    })),
    ...toolCalls.map(({ name, input }, index) => ({
      start: { toolUse: { toolUseId: `tooluse_${index}`, name } },
      deltas: inPieces(inputText(input)).map((input) => ({ toolUse: { input } })),
    })),
  ];
  const ends = { length: 'max_tokens', filter: 'content_filtered', refusal: 'content_filtered' };
  const own = toolCalls.length > 0 ? 'tool_use' : 'end_turn';
  return [
    event('messageStart', { role: 'assistant' }),
    ...blocks.flatMap(({ start, deltas }, contentBlockIndex) => [
      ...(start === undefined ? [] : [event('contentBlockStart', { contentBlockIndex, start })]),
      ...deltas.map((delta) => event('contentBlockDelta', { contentBlockIndex, delta })),
      event('contentBlockStop', { contentBlockIndex }),
    ]),
    event('messageStop', { stopReason: stop === undefined ? own : ends[stop] }),
    event('metadata', { ...usageOf(answer), metrics: { latencyMs: 1 } }),
  ];
}

function thinkingBlock(thinking: string) {
  const texts = inPieces(thinking).map((text) => ({ reasoningContent: { text } }));
  return { start: undefined, deltas: [...texts, { reasoningContent: { signature: 'sealed' } }] };
}

function usageOf({ usage = {} }: ApiAnswer): object {
  if (usage === 'none') return {};
  const { input = 10, output = 5, cacheRead = 0 } = usage;
  return {
    usage: {
      inputTokens: input - cacheRead,
      outputTokens: output,
      totalTokens: input + output,
      cacheReadInputTokens: cacheRead,
    },
  };
}

function event(name: string, body: object): Uint8Array {
  return messageOf({ ':message-type': 'event', ':event-type': name }, body);
}

/** Lengths, headers and body, each part with its checksum. */
function messageOf(headers: Readonly<Record<string, string>>, body: object): Uint8Array {
  const named = Buffer.concat(Object.entries(headers).map(headerOf));
  const payload = Buffer.from(JSON.stringify(body));
  const prelude = Buffer.alloc(8);
  prelude.writeUInt32BE(16 + named.length + payload.length, 0);
  prelude.writeUInt32BE(named.length, 4);
  const checked = Buffer.concat([prelude, checksum(prelude), named, payload]);
  return Buffer.concat([checked, checksum(checked)]);
}

const STRING = 7;

function headerOf([name, value]: [string, string]): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(value));
  const head = Buffer.from([name.length, ...Buffer.from(name), STRING]);
  return Buffer.concat([head, length, Buffer.from(value)]);
}

function checksum(bytes: Uint8Array): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum;
}
