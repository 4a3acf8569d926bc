import type { Anthropic } from '@anthropic-ai/sdk';
import type { ModelMessage, ModelRequest } from '../model.port.js';
import type { ToolNames } from './tool-names.js';

type Params = Anthropic.MessageCreateParamsStreaming;
type Block = Anthropic.ContentBlockParam;
type ToolUse = Anthropic.ToolUseBlockParam;

/** The body of a request to the Messages API. */
export function messageParams(model: string, request: ModelRequest, names: ToolNames): Params {
  const { instructions, maxTokens, temperature } = request;
  // Gone from the types of the client, since newer models refuse it; older ones take it.
  const sampling = temperature === undefined ? {} : { temperature };
  return {
    model,
    max_tokens: maxTokens,
    system: instructions,
    ...sampling,
    messages: turnsOf(request.messages, names),
    ...toolsOf(request, names),
    stream: true,
  };
}

/** Whoever speaks several times in a row has one turn; so all results of one answer's calls stand together. */
function turnsOf(messages: readonly ModelMessage[], names: ToolNames): Anthropic.MessageParam[] {
  const turns: { role: 'user' | 'assistant'; content: Block[] }[] = [];
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const blocks = blocksOf(message, names);
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else if (blocks.length > 0) turns.push({ role, content: blocks });
  }
  return turns;
}

function blocksOf(message: ModelMessage, names: ToolNames): Block[] {
  if (message.role === 'tool') {
    const { toolCallId, content, isError } = message;
    return [{ type: 'tool_result', tool_use_id: toolCallId, content, is_error: isError }];
  }
  // The API refuses text blocks without a visible character.
  const said: Block[] = message.text.trim() === '' ? [] : [{ type: 'text', text: message.text }];
  if (message.role === 'user') return said;
  const calls = message.toolCalls.map((call): ToolUse => ({
    type: 'tool_use',
    id: call.id,
    name: names.wireNameOf(call.name),
    input: inputOf(call.arguments),
  }));
  return [...said, ...calls];
}

/** What a model wrote in place of an object is shown to it again, in an object. */
function inputOf(json: string): unknown {
  try {
    const input: unknown = JSON.parse(json === '' ? '{}' : json);
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  } catch {
    // Not JSON, shown as it is.
  }
  return { notAnObject: json };
}

/**
 * The tools on offer. A conversation with tool calls needs their definitions also in a turn that may call none, so then
 * they are named and ruled out.
 */
function toolsOf(request: ModelRequest, names: ToolNames): Pick<Params, 'tools' | 'tool_choice'> {
  if (request.tools.length > 0) {
    const tools = request.tools.map(({ name, description, inputSchema }) => ({
      name: names.wireNameOf(name),
      description,
      input_schema: { ...inputSchema, type: 'object' as const },
    }));
    return { tools };
  }
  const called = new Set(
    request.messages.flatMap((message) =>
      message.role === 'assistant' ? message.toolCalls.map(({ name }) => name) : [],
    ),
  );
  if (called.size === 0) return {};
  const tools = [...called].map((name) => ({
    name: names.wireNameOf(name),
    input_schema: { type: 'object' as const },
  }));
  return { tools, tool_choice: { type: 'none' } };
}
