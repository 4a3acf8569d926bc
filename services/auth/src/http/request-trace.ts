import { formatTraceparent, parseTraceparent, type Tracing } from '@skynet/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';

type OnRequest = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;

/** Makes each request a span, below the caller's where it names one. Acts and log lines carry it. */
export function tracedRequests(tracing: Tracing): OnRequest {
  return ({ method, headers, routeOptions }, { raw }, done) => {
    const { url: route = '' } = routeOptions;
    if (route.startsWith('/health/')) {
      done();
      return;
    }
    const span = tracing.start(`${method} ${route}`.trimEnd(), {
      parent: parentIn(headers['traceparent']),
      kind: 'server',
      attributes: { 'http.request.method': method, 'http.route': route },
    });
    raw.once('close', () => {
      span.set({ 'http.response.status_code': raw.statusCode });
      if (raw.statusCode >= 500) span.fail(String(raw.statusCode));
      span.end();
    });
    span.within(done);
  };
}

/** Anybody may send anything: what is no trace context is none. */
function parentIn(header: string | readonly string[] | undefined): string | undefined {
  const context = parseTraceparent(typeof header === 'string' ? header : undefined);
  return context && formatTraceparent(context);
}
