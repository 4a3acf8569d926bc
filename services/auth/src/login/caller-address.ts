import type { IncomingMessage } from 'node:http';

/** Where a request comes from. A proxy appends whom it speaks for; what callers write themselves stands before that. */
export function callerAddress(request: IncomingMessage, behindProxy: boolean): string {
  const direct = request.socket.remoteAddress ?? 'unknown';
  if (!behindProxy) return direct;
  const forwarded = String(request.headers['x-forwarded-for'] ?? '');
  return forwarded.split(',').at(-1)?.trim() || direct;
}
