import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FilePart,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4TextPart,
  LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider';
import type { ModelImage, ModelMessage, ModelRequest, ModelTool } from '../model.port.js';
import { callInput } from '../wire/call-input.js';
import { wellFormed } from '../wire/well-formed.js';
import type { WireTools } from '../wire/wire-tools.js';
import { keptIn } from './kept-parts.js';
import type { Vendor } from './vendor.js';

/** What a request is written for. */
export interface Addressee {
  readonly vendor: Omit<Vendor, 'keyName'>;
  /** Prefix and name. */
  readonly vendorModel: string;
  readonly tools: WireTools;
}

type Assistant = Extract<ModelMessage, { readonly role: 'assistant' }>;
type Result = Extract<ModelMessage, { readonly role: 'tool' }>;

/** A request in the words of the specification. */
export function callOptions(request: ModelRequest, to: Addressee): LanguageModelV4CallOptions {
  const { instructions = '', maxTokens, temperature } = request;
  const system = { role: 'system' as const, content: instructions };
  return wellFormed({
    prompt: [...(instructions.trim() === '' ? [] : [system]), ...turnsOf(request.messages, to)],
    tools: toolsOf(request, to),
    maxOutputTokens: maxTokens,
    temperature,
    providerOptions: to.vendor.options,
    // A refusal is in no other part.
    includeRawChunks: true,
  });
}

function toolsOf(
  { tools, messages }: ModelRequest,
  { vendor, tools: wire }: Addressee,
): LanguageModelV4FunctionTool[] | undefined {
  if (tools.length > 0) return tools.map((tool) => definitionOf(tool, wire));
  const called = messages.flatMap((message) =>
    message.role === 'assistant' ? message.toolCalls.map(({ name }) => name) : [],
  );
  if (vendor.namesOldTools !== true || called.length === 0) return undefined;
  return [...new Set(called)].map((name) => {
    const description = 'Not there any more: do not call it.';
    return definitionOf({ name, description, inputSchema: { type: 'object' } }, wire);
  });
}

function definitionOf(tool: ModelTool, tools: WireTools): LanguageModelV4FunctionTool {
  const { schema, remark, isStrict } = tools.fitOf(tool);
  const description = [tool.description, remark].filter((text) => text !== '').join('\n');
  const name = tools.wireNameOf(tool.name);
  const strict = isStrict ? { strict: true } : {};
  return { type: 'function', name, description, inputSchema: { ...schema }, ...strict };
}

/** An answer, then the results of its calls, then what the user said meanwhile, as one message each. */
function turnsOf(messages: readonly ModelMessage[], to: Addressee): LanguageModelV4Message[] {
  const turns: LanguageModelV4Message[] = [];
  for (let at = 0; at < messages.length;) {
    const answer = messages[at]?.role === 'assistant' ? (messages[at] as Assistant) : undefined;
    const start = answer === undefined ? at : at + 1;
    const next = messages.findIndex(({ role }, index) => index >= start && role === 'assistant');
    const end = next === -1 ? messages.length : next;
    turns.push(...answerTurn(answer, to), ...repliesTo(answer, messages.slice(start, end), to));
    at = end;
  }
  return turns;
}

function answerTurn(answer: Assistant | undefined, to: Addressee): LanguageModelV4Message[] {
  if (answer === undefined) return [];
  const kept = keptIn(to.vendorModel, answer.thinking);
  const reasoning = (kept?.reasoning ?? []).map(({ text, options }) => {
    return { type: 'reasoning' as const, text, providerOptions: options };
  });
  const text = said(answer.text).map((part) => ({ ...part, providerOptions: kept?.text }));
  const calls = answer.toolCalls.map((call, index) => ({
    type: 'tool-call' as const,
    toolCallId: idOf(call.id, to),
    toolName: to.tools.wireNameOf(call.name),
    input: callInput(call.arguments),
    providerOptions: kept?.calls[index] ?? undefined,
  }));
  const content = [...reasoning, ...text, ...calls];
  return content.length === 0 ? [] : [{ role: 'assistant', content }];
}

function repliesTo(
  answer: Assistant | undefined,
  replies: readonly ModelMessage[],
  to: Addressee,
): LanguageModelV4Message[] {
  const names = new Map(answer?.toolCalls.map(({ id, name }) => [id, name]));
  const results = replies.filter((reply) => reply.role === 'tool');
  const shown = results.map((result) => resultOf(result, names.get(result.toolCallId) ?? '', to));
  const texts = replies.flatMap((reply) => (reply.role === 'user' ? said(reply.text) : []));
  const apart = to.vendor.hasTextResults === true ? results.flatMap(imagesApart) : [];
  const files = replies.flatMap((reply) =>
    reply.role === 'user' ? (reply.images ?? []).map(fileOf) : [],
  );
  const user = [...apart, ...joinedTexts(texts), ...files];
  return [
    ...(shown.length === 0 ? [] : [{ role: 'tool' as const, content: shown }]),
    ...(user.length === 0 ? [] : [{ role: 'user' as const, content: user }]),
  ];
}

function resultOf(result: Result, name: string, to: Addressee): LanguageModelV4ToolResultPart {
  const { toolCallId, content, isError, images = [] } = result;
  const output = { toolCallId: idOf(toolCallId, to), toolName: to.tools.wireNameOf(name) };
  if (isError) {
    // Not every API has a word for it.
    const value = `Error: ${content.trim() === '' ? '(no details)' : content}`;
    return { type: 'tool-result', ...output, output: { type: 'error-text', value } };
  }
  if (images.length === 0 || to.vendor.hasTextResults === true) {
    return { type: 'tool-result', ...output, output: { type: 'text', value: content } };
  }
  const value = [...said(content), ...images.map(fileOf)];
  return { type: 'tool-result', ...output, output: { type: 'content', value } };
}

function imagesApart({
  images = [],
  isError,
}: Result): (LanguageModelV4TextPart | LanguageModelV4FilePart)[] {
  if (images.length === 0 || isError) return [];
  return [{ type: 'text', text: 'Images of the tool result above:' }, ...images.map(fileOf)];
}

function fileOf({ mimeType, data }: ModelImage): LanguageModelV4FilePart {
  return { type: 'file', mediaType: mimeType, data: { type: 'data', data } };
}

/** APIs refuse texts without a visible character. */
function said(text: string): LanguageModelV4TextPart[] {
  return text.trim() === '' ? [] : [{ type: 'text', text }];
}

/** One text: templates of local models know no more. */
function joinedTexts(texts: readonly LanguageModelV4TextPart[]): LanguageModelV4TextPart[] {
  return said(texts.map(({ text }) => text).join('\n\n'));
}

function idOf(id: string, { vendor }: Addressee): string {
  return vendor.callId?.(id) ?? id;
}
