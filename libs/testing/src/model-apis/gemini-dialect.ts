import {
  eventFrame,
  inPieces,
  objectionToAny,
  type ApiAnswer,
  type ApiBody,
  type ApiDialect,
  type ApiFailure,
} from './model-api.js';

interface GeminiBody {
  readonly contents?: readonly { readonly parts: readonly Part[] }[];
  readonly tools?: readonly {
    readonly functionDeclarations?: readonly { readonly name: string }[];
  }[];
}

interface Part {
  readonly functionCall?: object;
  readonly functionResponse?: object;
}

/** The Gemini API, `streamGenerateContent`. Inputs of calls are objects there, never texts. */
export const geminiDialect: ApiDialect = {
  contentType: 'text/event-stream',
  frames: framesOf,
  errorBody,
  errorFrame: (failure) => eventFrame(errorBody(failure)),
  objectionTo,
};

function errorBody({ status, code = 'UNKNOWN', message = code }: ApiFailure): object {
  return { error: { code: status, message, status: code } };
}

function objectionTo(body: ApiBody): string | undefined {
  const { contents = [], tools = [] } = body as GeminiBody;
  let open = 0;
  for (const { parts } of contents) {
    const answers = parts.filter((part) => part.functionResponse !== undefined).length;
    if (answers !== open)
      return 'the number of function response parts must equal that of function call parts';
    open = parts.filter((part) => part.functionCall !== undefined).length;
  }
  const named = tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations);
  return objectionToAny(
    body,
    named.map(({ name }) => name),
  );
}

function framesOf(answer: ApiAnswer): string[] {
  const { texts = [], thinking, toolCalls = [], stop } = answer;
  const counts = usageOf(answer);
  if (stop === 'refusal') {
    const promptFeedback = { blockReason: 'PROHIBITED_CONTENT' };
    return [eventFrame({ ...HEAD, promptFeedback, ...counts })];
  }
  const parts = [
    ...inPieces(thinking ?? '').map((text) => ({ text, thought: true })),
    ...texts.flatMap(inPieces).map((text) => ({ text })),
    ...toolCalls.map(({ name, input }, index) => ({
      functionCall: { name, args: input },
      ...(thinking !== undefined && index === 0 && { thoughtSignature: 'sealed' }),
    })),
  ];
  const ends = { length: 'MAX_TOKENS', filter: 'SAFETY' } as const;
  const finishReason = stop === undefined ? 'STOP' : ends[stop];
  return [
    ...parts.map((part) => chunk({ content: { role: 'model', parts: [part] } })),
    chunk({ content: { role: 'model', parts: [{ text: '' }] }, finishReason }, counts),
  ];
}

const HEAD = { responseId: 'gen_1', modelVersion: 'test-model' };

function chunk(candidate: object, more: object = {}): string {
  return eventFrame({ ...HEAD, candidates: [{ index: 0, ...candidate }], ...more });
}

function usageOf({ usage = {} }: ApiAnswer): object {
  if (usage === 'none') return {};
  const { input = 10, output = 5, cacheRead = 0 } = usage;
  return {
    usageMetadata: {
      promptTokenCount: input,
      candidatesTokenCount: output,
      totalTokenCount: input + output,
      cachedContentTokenCount: cacheRead,
    },
  };
}
