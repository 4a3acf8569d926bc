import type { Msg } from '@nats-io/transport-node';
import type { MessageHeaders } from '../message-bus.port.js';

/** All headers, the first value of each. */
export function headersOf(message: Pick<Msg, 'headers'>): MessageHeaders {
  if (message.headers === undefined) return {};
  return Object.fromEntries([...message.headers].map(([name, [value = '']]) => [name, value]));
}
