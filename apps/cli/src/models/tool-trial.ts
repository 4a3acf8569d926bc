import { isObject, oneBody } from './bounded-body.js';

/** Whether a model calls the one tool that it is offered: agents do all their work by tools. */
export type ToolTrial =
  | { readonly verdict: 'calls tools'; readonly seconds: number }
  /** It calls it, but not with a JSON object as its arguments. */
  | { readonly verdict: 'calls tools badly'; readonly arguments: string; readonly seconds: number }
  | { readonly verdict: 'no tool call'; readonly said: string; readonly seconds: number }
  | { readonly verdict: 'no answer'; readonly reason: string };

/** The first request loads the model from disk. */
const TRIAL_MS = 120_000;
const MAX_BYTES = 256 * 1_024;
const TOLD_CHARS = 200;

const TOOL = {
  type: 'function',
  function: {
    name: 'add',
    description: 'Adds two numbers.',
    parameters: {
      type: 'object',
      properties: { a: { type: 'number' }, b: { type: 'number' } },
      required: ['a', 'b'],
    },
  },
};

/** One tiny request by Chat Completions, by default 120 s at most. Never fails. */
export async function tryTools(
  server: { readonly url: string },
  model: string,
  withinMs = TRIAL_MS,
): Promise<ToolTrial> {
  const startedMs = performance.now();
  try {
    const answer = await fetch(`${server.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(withinMs),
      body: JSON.stringify({
        model,
        messages: [{ role: 'user', content: 'What is 2 + 3? Call the tool add.' }],
        tools: [TOOL],
        max_tokens: 1_024,
      }),
    });
    const body = await oneBody(answer, MAX_BYTES);
    if (!answer.ok) return { verdict: 'no answer', reason: told(`${answer.status} ${body}`) };
    const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
    return verdictOn(JSON.parse(body), seconds);
  } catch (error) {
    return { verdict: 'no answer', reason: told(messageOf(error)) };
  }
}

function verdictOn(body: unknown, seconds: number): ToolTrial {
  const message = at(at(at(body, 'choices'), 0), 'message');
  const asked = at(at(at(message, 'tool_calls'), 0), 'function');
  if (at(asked, 'name') !== 'add') {
    const content = at(message, 'content');
    const said = typeof content === 'string' ? content : '';
    return { verdict: 'no tool call', said: told(said), seconds };
  }
  const given = at(asked, 'arguments');
  const written = typeof given === 'string' ? given : JSON.stringify(given ?? '');
  if (isJsonObject(written)) return { verdict: 'calls tools', seconds };
  return { verdict: 'calls tools badly', arguments: told(written), seconds };
}

function at(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return value[Number(key)] as unknown;
  return isObject(value) ? value[key] : undefined;
}

function isJsonObject(json: string): boolean {
  try {
    return isObject(JSON.parse(json));
  } catch {
    return false;
  }
}

function messageOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return 'it took too long';
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

function told(text: string): string {
  return text.slice(0, TOLD_CHARS).toWellFormed();
}
