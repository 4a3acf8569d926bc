import type { IncomingMessage } from 'node:http';
import { networkOf } from './network-of.js';

const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;

/** Where a request comes from. A proxy appends whom it speaks for; what callers write themselves stands before. */
export function callerAddress(request: IncomingMessage, behindProxy: boolean): string {
  const direct = request.socket.remoteAddress ?? '';
  const forwarded = behindProxy ? String(request.headers['x-forwarded-for'] ?? '') : '';
  return (forwarded.split(',').at(-1)?.trim() || direct).replace(MAPPED, '');
}

/** What a request counts for in limits. */
export function callerNetwork(request: IncomingMessage, behindProxy: boolean): string {
  return networkOf(callerAddress(request, behindProxy));
}
