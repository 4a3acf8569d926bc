import type { Anthropic } from '@anthropic-ai/sdk';
import type { ModelImage, ModelMessage, ModelRequest, ModelTool } from '../model.port.js';
import { callInput } from '../wire/call-input.js';
import { thinkingIn } from './thinking.js';
import { wellFormed } from '../wire/well-formed.js';
import type { WireTools } from '../wire/wire-tools.js';

export type Params = Anthropic.MessageCreateParamsStreaming & { readonly temperature?: number };
type Block = Anthropic.ContentBlockParam;
type ToolUse = Anthropic.ToolUseBlockParam;

/** The body of a request to the Messages API. */
export function messageParams(model: string, request: ModelRequest, tools: WireTools): Params {
  const { instructions, maxTokens, temperature } = request;
  // Gone from the types of the client, since newer models refuse it; older ones take it.
  const sampling = temperature === undefined ? {} : { temperature };
  return wellFormed({
    model,
    max_tokens: maxTokens,
    // The API refuses texts without a visible character.
    system: instructions?.trim() === '' ? undefined : instructions,
    ...sampling,
    messages: turnsOf(request.messages, { model, tools }),
    ...toolsOf(request, tools),
    stream: true,
  });
}

interface Wire {
  readonly model: string;
  readonly tools: WireTools;
}

/** Whoever speaks several times in a row has one turn; so all results of one answer's calls stand together. */
function turnsOf(messages: readonly ModelMessage[], wire: Wire): Anthropic.MessageParam[] {
  const turns: { role: 'user' | 'assistant'; content: Block[] }[] = [];
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const blocks = blocksOf(message, wire);
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else if (blocks.length > 0) turns.push({ role, content: blocks });
  }
  return turns.map(({ role, content }) => ({ role, content: resultsFirst(content) }));
}

/** The API wants the results of calls before anything else that is said. */
function resultsFirst(content: readonly Block[]): Block[] {
  const isResult = ({ type }: Block) => type === 'tool_result';
  return [...content.filter(isResult), ...content.filter((block) => !isResult(block))];
}

function blocksOf(message: ModelMessage, { model, tools }: Wire): Block[] {
  if (message.role === 'tool') {
    const { toolCallId, isError } = message;
    // The API refuses an error that says nothing.
    const content = isError && message.content.trim() === '' ? '(no details)' : message.content;
    const shown = [...said(content), ...(message.images ?? []).map(imageBlock)];
    return [
      {
        type: 'tool_result',
        tool_use_id: toolCallId,
        // The API takes no images with an error.
        content: isError || message.images === undefined ? content : shown,
        is_error: isError,
      },
    ];
  }
  if (message.role === 'user') {
    return [...said(message.text), ...(message.images ?? []).map(imageBlock)];
  }
  const calls = message.toolCalls.map((call): ToolUse => ({
    type: 'tool_use',
    id: call.id,
    name: tools.wireNameOf(call.name),
    input: callInput(call.arguments),
  }));
  return [...thinkingIn(model, message.thinking), ...said(message.text), ...calls];
}

/** The API refuses text blocks without a visible character. */
function said(text: string): Anthropic.TextBlockParam[] {
  return text.trim() === '' ? [] : [{ type: 'text', text }];
}

function imageBlock({ mimeType, data }: ModelImage): Anthropic.ImageBlockParam {
  return { type: 'image', source: { type: 'base64', media_type: mimeType, data } };
}

/**
 * The tools on offer. A conversation with tool calls needs their definitions also in a turn that may call none, so then
 * they are named and ruled out.
 */
function toolsOf(request: ModelRequest, tools: WireTools): Pick<Params, 'tools' | 'tool_choice'> {
  if (request.tools.length > 0) {
    return { tools: request.tools.map((tool) => definitionOf(tool, tools)) };
  }
  const called = new Set(
    request.messages.flatMap((message) =>
      message.role === 'assistant' ? message.toolCalls.map(({ name }) => name) : [],
    ),
  );
  if (called.size === 0) return {};
  const named = [...called].map((name) => ({
    name: tools.wireNameOf(name),
    input_schema: { type: 'object' as const },
  }));
  return { tools: named, tool_choice: { type: 'none' } };
}

function definitionOf(tool: ModelTool, tools: WireTools): Anthropic.Tool {
  const { schema, remark, isStrict } = tools.fitOf(tool);
  const description = [tool.description, remark].filter((text) => text !== '').join('\n');
  const strict = isStrict ? { strict: true } : {};
  return { name: tools.wireNameOf(tool.name), description, input_schema: schema, ...strict };
}
