import {
  eventFrame,
  inPieces,
  inputText,
  objectionToAny,
  type ApiAnswer,
  type ApiBody,
  type ApiDialect,
} from './model-api.js';

interface ChatBody {
  readonly messages?: readonly {
    readonly role: string;
    readonly tool_calls?: readonly { readonly id: string }[];
    readonly tool_call_id?: string;
  }[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
}

/** Chat Completions, as OpenAI invented them and most others speak them. */
export function chatDialect({ isMistral = false } = {}): ApiDialect {
  const callId = isMistral ? /^[A-Za-z0-9]{9}$/ : /^.{1,64}$/;
  return {
    contentType: 'text/event-stream',
    frames: (answer) => framesOf(answer, isMistral),
    errorBody: ({ status, code = 'error', message = code }) => ({
      error: { message, type: code, param: null, code: String(status) === code ? status : code },
    }),
    errorFrame: ({ code = 'error', message = code }) =>
      eventFrame({ error: { message, type: code, param: null, code } }),
    objectionTo: (body) => objectionTo(body, callId),
  };
}

function objectionTo(body: ApiBody, callId: RegExp): string | undefined {
  const { messages = [], tools = [] } = body as ChatBody;
  const names = tools.map((tool) => tool.function.name);
  return objectionToCalls(messages, callId) ?? objectionToAny(body, names);
}

function objectionToCalls(
  messages: NonNullable<ChatBody['messages']>,
  callId: RegExp,
): string | undefined {
  let open: string[] = [];
  for (const { role, tool_calls: calls = [], tool_call_id: of = '' } of messages) {
    const isResult = role === 'tool';
    if (isResult !== open.length > 0) return 'each call has its result right after it';
    if (isResult && !open.includes(of)) return `nothing called for the result ${of}`;
    open = isResult ? open.filter((id) => id !== of) : calls.map(({ id }) => id);
    const odd = open.find((id) => !callId.test(id));
    if (odd !== undefined) return `the id ${odd} does not match ${callId.source}`;
  }
  return undefined;
}

function framesOf(answer: ApiAnswer, isMistral: boolean): string[] {
  const { toolCalls = [], thinking = '' } = answer;
  const usage = usageOf(answer);
  const isLast = !isMistral && 'usage' in usage;
  return [
    chunk({ role: 'assistant', content: '' }),
    ...inPieces(thinking).map((piece) => chunk(thought(piece, isMistral))),
    ...textFrames(answer),
    ...toolCalls.flatMap(callFrames),
    chunk({}, finishOf(answer), isMistral ? usage : {}),
    ...(isLast ? [eventFrame({ ...HEAD, choices: [], ...usage })] : []),
    'data: [DONE]\n\n',
  ];
}

function thought(text: string, isMistral: boolean): object {
  if (!isMistral) return { reasoning_content: text };
  return { content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] };
}

function textFrames({ texts = [], stop }: ApiAnswer): string[] {
  if (stop === 'refusal') return [chunk({ refusal: texts.join('') })];
  return texts.flatMap(inPieces).map((content) => chunk({ content }));
}

function finishOf({ toolCalls = [], stop }: ApiAnswer): string {
  const ends = { length: 'length', filter: 'content_filter', refusal: 'stop' } as const;
  if (stop !== undefined) return ends[stop];
  return toolCalls.length > 0 ? 'tool_calls' : 'stop';
}

const HEAD = { id: 'chat_1', object: 'chat.completion.chunk', created: 1, model: 'test-model' };

function chunk(delta: object, finish: string | null = null, more: object = {}): string {
  return eventFrame({ ...HEAD, choices: [{ index: 0, delta, finish_reason: finish }], ...more });
}

function callFrames(
  { name, input }: NonNullable<ApiAnswer['toolCalls']>[number],
  index: number,
): string[] {
  const head = { index, id: `call0000${index}`, type: 'function' };
  return [
    chunk({ tool_calls: [{ ...head, function: { name, arguments: '' } }] }),
    ...inPieces(inputText(input)).map((piece) =>
      chunk({ tool_calls: [{ index, function: { arguments: piece } }] }),
    ),
  ];
}

function usageOf({ usage = {} }: ApiAnswer): { readonly usage?: object } {
  if (usage === 'none') return {};
  const { input = 10, output = 5, cacheRead = 0 } = usage;
  return {
    usage: {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      prompt_tokens_details: { cached_tokens: cacheRead },
    },
  };
}
