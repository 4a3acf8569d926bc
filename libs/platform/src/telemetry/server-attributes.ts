import { attributeNames as names } from './semantic-conventions.js';
import type { SpanAttributes } from './tracing.port.js';

const PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** Host and port of what is reached over HTTP, and nothing else of its URL, which may hold secrets; of what is none, nothing. */
export function serverAttributes(url: string | undefined): SpanAttributes {
  const { protocol = '', hostname, port } = (url === undefined ? null : URL.parse(url)) ?? {};
  const usual = PORTS[protocol];
  if (usual === undefined) return {};
  return {
    [names.serverAddress]: hostname?.replace(/^\[|\]$/g, ''),
    [names.serverPort]: port ? Number(port) : usual,
  };
}
