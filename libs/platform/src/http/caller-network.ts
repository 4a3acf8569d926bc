import type { IncomingMessage } from 'node:http';
import { networkOf } from './network-of.js';

/** What a request counts for in limits. A proxy appends whom it speaks for; what callers write themselves stands before. */
export function callerNetwork(request: IncomingMessage, behindProxy: boolean): string {
  const direct = request.socket.remoteAddress ?? '';
  const forwarded = behindProxy ? String(request.headers['x-forwarded-for'] ?? '') : '';
  return networkOf(forwarded.split(',').at(-1)?.trim() || direct);
}
