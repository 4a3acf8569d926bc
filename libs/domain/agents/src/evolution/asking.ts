import type { AgentEvent } from '@skynet/contracts';
import type { OpenToolCall } from '../agent/agent-state.js';

type InputEvent = Extract<AgentEvent, { readonly type: 'ToolInputRequired' | 'ToolInputGiven' }>;

/** A call that is open goes on, another one is to be made again; unless the next question follows. */
export function inputMoved(before: OpenToolCall, event: InputEvent): OpenToolCall {
  const { question: _answered, ...call } = before;
  if (event.type === 'ToolInputRequired') {
    const rounds = (before.input?.rounds ?? 0) + 1;
    const input = { ...event.data, given: [], rounds, askedIn: before.attempt };
    return { ...call, stage: event.data.isOpen ? 'started' : 'asked', input };
  }
  if (before.input === undefined) return before;
  const input = { ...before.input, given: [...before.input.given, event.data] };
  return { ...call, stage: input.isOpen ? 'started' : 'asked', input };
}

/** What was asked on a connection that broke off is asked again by the next try, if at all. */
export function withoutOpenInput(before: OpenToolCall): OpenToolCall {
  if (before.input === undefined) return before;
  const { question: _over, input, ...call } = before;
  return input.isOpen ? call : { ...call, input };
}
