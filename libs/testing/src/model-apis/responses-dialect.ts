import {
  eventFrame,
  inPieces,
  inputText,
  objectionToAny,
  type ApiAnswer,
  type ApiBody,
  type ApiDialect,
} from './model-api.js';

interface ResponsesBody {
  readonly include?: readonly string[];
  readonly store?: boolean;
  readonly tools?: readonly { readonly name: string }[];
  readonly input?: readonly {
    readonly type?: string;
    readonly call_id?: string;
    readonly id?: string;
    readonly encrypted_content?: string | null;
  }[];
}

/** OpenAI's Responses API. */
export const responsesDialect: ApiDialect = {
  contentType: 'text/event-stream',
  frames: (answer, body) => new Stream(answer, sealOf(body)).frames(),
  errorBody: ({ code = 'error', message = code }) => ({
    error: { message, type: 'invalid_request_error', param: null, code },
  }),
  errorFrame: ({ code = 'error', message = code }) =>
    eventFrame({ type: 'error', code, message, param: null, sequence_number: 99 }, 'error'),
  objectionTo,
};

type Item = NonNullable<ResponsesBody['input']>[number];

/** What was thought is sealed for those who ask for it. */
function sealOf(body: ApiBody): string | null {
  const { include = [] } = body as ResponsesBody;
  return include.includes('reasoning.encrypted_content') ? 'sealed' : null;
}

function objectionTo(body: ApiBody): string | undefined {
  const { store = true, input = [], tools = [] } = body as ResponsesBody;
  // What was not kept there can not be pointed at.
  const isGone = ({ type, id, encrypted_content: seal }: Item) =>
    type === 'item_reference' || (type === 'reasoning' && id !== undefined && !seal);
  if (!store && input.some(isGone)) return 'Item not found';
  const idsOf = (type: string) =>
    input.flatMap((item) => (item.type === type ? [item.call_id ?? ''] : [])).sort();
  const calls = idsOf('function_call');
  if (calls.join() !== idsOf('function_call_output').join())
    return 'No tool output found for function call';
  const long = calls.find((id) => id.length > 64);
  if (long !== undefined) return `call_id ${long}: string too long`;
  return objectionToAny(
    body,
    tools.map(({ name }) => name),
  );
}

const HEAD = { id: 'resp_1', object: 'response', created_at: 1, model: 'test-model' };

class Stream {
  private index = 0;
  private sequence = 0;

  constructor(
    private readonly answer: ApiAnswer,
    private readonly seal: string | null,
  ) {}

  frames(): string[] {
    const { texts = [], thinking, toolCalls = [], stop } = this.answer;
    return [
      this.event('response.created', { response: { ...HEAD, status: 'in_progress' } }),
      this.event('response.in_progress', { response: { ...HEAD, status: 'in_progress' } }),
      ...(thinking === undefined ? [] : this.reasoning(thinking)),
      ...(stop === 'refusal' ? [texts.join('')] : texts).flatMap((text) => this.message(text)),
      ...toolCalls.flatMap((call, index) =>
        this.call(call, stop === 'length' && index === toolCalls.length - 1),
      ),
      this.end(),
    ];
  }

  private event(type: string, fields: object): string {
    this.sequence += 1;
    return eventFrame({ type, sequence_number: this.sequence, ...fields }, type);
  }

  private item(start: object, done: object, between: (place: object) => string[]): string[] {
    const place = { output_index: this.index };
    this.index += 1;
    return [
      this.event('response.output_item.added', { ...place, item: start }),
      ...between(place),
      this.event('response.output_item.done', { ...place, item: { ...start, ...done } }),
    ];
  }

  private reasoning(text: string): string[] {
    const id = `rs_${this.index}`;
    const start = {
      type: 'reasoning',
      id,
      summary: [],
      encrypted_content: this.seal && 'unfinished',
    };
    const summary = [{ type: 'summary_text', text }];
    return this.item(start, { summary, encrypted_content: this.seal }, (place) => {
      const part = { ...place, item_id: id, summary_index: 0 };
      return [
        this.event('response.reasoning_summary_part.added', { ...part, part: summary[0] }),
        ...inPieces(text).map((delta) =>
          this.event('response.reasoning_summary_text.delta', { ...part, delta }),
        ),
        this.event('response.reasoning_summary_part.done', { ...part, part: summary[0] }),
      ];
    });
  }

  private message(text: string): string[] {
    const id = `msg_${this.index}`;
    const start = { type: 'message', id, role: 'assistant', status: 'in_progress', content: [] };
    const isRefusal = this.answer.stop === 'refusal';
    const kind = isRefusal ? 'refusal' : 'output_text';
    const part = isRefusal ? { type: kind, refusal: text } : { type: kind, text, annotations: [] };
    const empty = isRefusal ? { refusal: '' } : { text: '' };
    return this.item(start, { status: 'completed', content: [part] }, (place) => {
      const at = { ...place, item_id: id, content_index: 0 };
      return [
        this.event('response.content_part.added', { ...at, part: { ...part, ...empty } }),
        ...inPieces(text).map((delta) => this.event(`response.${kind}.delta`, { ...at, delta })),
        this.event(`response.${kind}.done`, { ...at, ...part, type: `response.${kind}.done` }),
        this.event('response.content_part.done', { ...at, part }),
      ];
    });
  }

  private call(
    { name, input }: NonNullable<ApiAnswer['toolCalls']>[number],
    isCut: boolean,
  ): string[] {
    const id = `fc_${this.index}`;
    const json = inputText(input);
    const start = {
      ...{ type: 'function_call', id, call_id: `call_${this.index}`, name },
      ...{ arguments: '', status: 'in_progress' },
    };
    const done = { arguments: json, status: isCut ? 'incomplete' : 'completed' };
    return this.item(start, done, (place) => [
      ...inPieces(json).map((delta) =>
        this.event('response.function_call_arguments.delta', { ...place, item_id: id, delta }),
      ),
      this.event('response.function_call_arguments.done', {
        ...place,
        item_id: id,
        arguments: json,
      }),
    ]);
  }

  private end(): string {
    const { stop } = this.answer;
    const reasons = { length: 'max_output_tokens', filter: 'content_filter' } as const;
    const reason = stop === undefined || stop === 'refusal' ? undefined : reasons[stop];
    const status = reason === undefined ? 'completed' : 'incomplete';
    const response = {
      ...{ ...HEAD, status, usage: this.usage() },
      incomplete_details: reason === undefined ? null : { reason },
    };
    return this.event(`response.${status}`, { response });
  }

  private usage(): object | null {
    const { usage = {} } = this.answer;
    if (usage === 'none') return null;
    const { input = 10, output = 5, cacheRead = 0 } = usage;
    return {
      input_tokens: input,
      input_tokens_details: { cached_tokens: cacheRead },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input + output,
    };
  }
}
