import type { FastifyReply, FastifyRequest } from 'fastify';

const METHODS = 'GET, POST, DELETE';
/** What a page needs to read beside the body: how to get a token, and what MCP says in headers. */
const READABLE = 'WWW-Authenticate, Retry-After, Mcp-Session-Id, MCP-Protocol-Version';
/** For preflights without a list of their own. */
const SENDABLE = 'Authorization, Content-Type, Mcp-Session-Id, MCP-Protocol-Version, Last-Event-ID';
const PREFLIGHT_SECONDS = '600';

/**
 * Lets the page of an allowed origin read the answer, whatever it will be. The answer itself when the browser only asks
 * whether the page may send its request; that question comes without a token.
 */
export function letPageRead(
  { method, headers }: FastifyRequest,
  reply: FastifyReply,
): FastifyReply | undefined {
  // Set on Node's response: the answers of MCP do not go through Fastify.
  reply.raw.setHeader('vary', 'Origin');
  if (headers.origin === undefined) return undefined;
  reply.raw.setHeader('access-control-allow-origin', headers.origin);
  if (method === 'OPTIONS' && headers['access-control-request-method'] !== undefined) {
    const asked = headers['access-control-request-headers'] ?? SENDABLE;
    reply.raw.setHeader('access-control-allow-methods', METHODS);
    reply.raw.setHeader('access-control-allow-headers', asked);
    reply.raw.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
    return reply.code(204).send();
  }
  reply.raw.setHeader('access-control-expose-headers', READABLE);
  return undefined;
}
