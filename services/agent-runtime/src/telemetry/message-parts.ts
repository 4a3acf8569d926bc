import type { ShowText } from '@skynet/platform';
import type { ModelAnswer, ModelMessage, ModelRequest } from '../models/model.port.js';

/*
 * Messages as the GenAI conventions of OpenTelemetry have them: `[{role, parts: [{type, …}]}]`, JSON in an attribute.
 * https://github.com/open-telemetry/semantic-conventions-genai
 */

type Part =
  | { readonly type: 'text'; readonly content: string }
  | {
      readonly type: 'tool_call';
      readonly id?: string;
      readonly name: string;
      readonly arguments: string;
    }
  | { readonly type: 'tool_call_response'; readonly id: string; readonly response: string };

interface Message {
  readonly role: string;
  readonly parts: readonly Part[];
  readonly finish_reason?: string;
}

interface AskedCall {
  readonly id?: string;
  readonly name: string;
  readonly arguments: string;
}

/** Of one part; what is cut off is counted in it. */
const PART_CHARS = 8_192;
const MOST_PARTS = 64;

/** What the model has not been told in an earlier call: all behind its last answer. */
export function newMessages({ messages }: Pick<ModelRequest, 'messages'>, show: ShowText): string {
  const last = messages.findLastIndex(({ role }) => role === 'assistant');
  return jsonOf(messages.slice(last + 1).map((message) => messageOf(message, show)));
}

/** Whether the model is asked for the first time: then it is told its instructions and its tools. */
export function isFirstCall({ messages }: Pick<ModelRequest, 'messages'>): boolean {
  return messages.every(({ role }) => role !== 'assistant');
}

export function answerMessage({ text, toolCalls, response }: ModelAnswer, show: ShowText): string {
  const parts = [...textPart(text, show), ...toolCalls.map((call) => callPart(call, show))];
  return jsonOf([{ role: 'assistant', parts, finish_reason: response?.finishReason }]);
}

export function instructionParts(instructions: string, show: ShowText): string {
  return JSON.stringify(textPart(instructions, show));
}

export function toolDefinitions(tools: ModelRequest['tools'], show: ShowText): string {
  const definitions = tools.slice(0, MOST_PARTS).map(({ name, description }) => ({
    type: 'function',
    name: shown(name, show),
    description: shown(description, show),
  }));
  return JSON.stringify(definitions);
}

/** As content of a part, where it stands by itself. */
export function shown(text: string, show: ShowText): string {
  const start = show(text, PART_CHARS);
  const rest = text.length - PART_CHARS;
  if (rest <= 0) return start;
  return `${start.toWellFormed()}\n[${rest} more characters]`;
}

function messageOf(message: ModelMessage, show: ShowText): Message {
  switch (message.role) {
    case 'user':
      return { role: 'user', parts: textPart(message.text, show) };
    case 'assistant':
      return {
        role: 'assistant',
        parts: [
          ...textPart(message.text, show),
          ...message.toolCalls.map((call) => callPart(call, show)),
        ],
      };
    case 'tool': {
      const { toolCallId: id, content } = message;
      const response = shown(content, show);
      return { role: 'tool', parts: [{ type: 'tool_call_response', id, response }] };
    }
  }
}

function textPart(text: string, show: ShowText): Part[] {
  return text === '' ? [] : [{ type: 'text', content: shown(text, show) }];
}

function callPart({ id, name, arguments: given }: AskedCall, show: ShowText): Part {
  return { type: 'tool_call', id, name: shown(name, show), arguments: shown(given, show) };
}

/** Some messages more than can be looked through are counted instead. */
function jsonOf(messages: readonly Message[]): string {
  const rest = messages.length - MOST_PARTS;
  if (rest <= 0) return JSON.stringify(messages);
  const content = `[${rest} more messages]`;
  const note: Message = { role: 'user', parts: [{ type: 'text', content }] };
  return JSON.stringify([...messages.slice(0, MOST_PARTS), note]);
}
