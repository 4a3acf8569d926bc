import { formatTraceparent, parseTraceparent } from '@skynet/platform';

/** The W3C trace context that a client sent with a message, else with its HTTP request; what is none counts as not sent. */
export function clientTrace(meta: unknown, headers?: Headers): string | undefined {
  const { traceparent } = Object(meta) as { readonly traceparent?: unknown };
  return known(traceparent) ?? known(headers?.get('traceparent'));
}

function known(sent: unknown): string | undefined {
  const context = typeof sent === 'string' ? parseTraceparent(sent) : undefined;
  return context && formatTraceparent(context);
}
