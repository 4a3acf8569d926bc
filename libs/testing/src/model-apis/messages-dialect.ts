import { messageEvents, type StreamEvent } from '../servers/messages-events.js';
import { objectionTo } from '../servers/messages-rules.js';
import { eventFrame, type ApiAnswer, type ApiDialect, type ApiFailure } from './model-api.js';

/** Anthropic's Messages API. */
export const messagesDialect: ApiDialect = {
  contentType: 'text/event-stream',
  frames: framesOf,
  errorBody,
  errorFrame: (failure) => eventFrame(errorBody(failure), 'error'),
  objectionTo,
};

/** It names its errors by their status. */
const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

function errorBody({ status, code, message }: ApiFailure): object {
  const type = code ?? TYPES[status] ?? 'api_error';
  return { type: 'error', error: { type, message: message ?? type } };
}

function framesOf({ stop, usage, ...answer }: ApiAnswer): string[] {
  const ends = { length: 'max_tokens', filter: 'refusal', refusal: 'refusal' } as const;
  const events = messageEvents({
    ...answer,
    stopReason: stop && ends[stop],
    usage: usage === 'none' ? {} : usage,
  });
  const told = usage === 'none' ? events.map(withoutUsage) : events;
  return told.map((event) => eventFrame(event, event.type));
}

function withoutUsage({ usage: _, message, ...event }: StreamEvent): StreamEvent {
  if (message === undefined) return event;
  const { usage: __, ...rest } = message as Readonly<Record<string, unknown>>;
  return { ...event, message: rest };
}
