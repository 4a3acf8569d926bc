import type { ModelMessage, ModelRequest } from '../model.port.js';

/** How many turns the model has taken. */
export function turnsTaken(request: ModelRequest): number {
  return request.messages.filter(({ role }) => role === 'assistant').length;
}

/** The description of the task, without context and expected output. */
export function taskOf(request: ModelRequest): string {
  const first = request.messages[0];
  return first?.role === 'user' ? (first.text.split('\n\nContext:\n')[0] ?? '') : '';
}

/** Results of the tool calls of the last turn, in the order of the calls. */
export function lastResults(
  request: ModelRequest,
): Extract<ModelMessage, { readonly role: 'tool' }>[] {
  const last = request.messages.findLast((message) => message.role === 'assistant');
  if (last?.role !== 'assistant') return [];
  return last.toolCalls.flatMap(({ id }) => {
    const result = request.messages.find(
      (message) => message.role === 'tool' && message.toolCallId === id,
    );
    return result?.role === 'tool' ? [result] : [];
  });
}
