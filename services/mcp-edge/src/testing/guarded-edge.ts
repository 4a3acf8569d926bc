import { startEdge } from './running-edge.js';
import { startTestIssuer } from './test-issuer.js';

export interface Posted {
  /** A text is sent as it is. */
  readonly body: object | string;
  /** Default: none is sent. */
  readonly token?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An edge and the issuer of its tokens; `stop` ends both. */
export async function startGuardedEdge(environment: Record<string, string> = {}) {
  const issuer = await startTestIssuer();
  const edge = await startEdge(issuer.jwksUrl, environment);
  return {
    issuer,
    edge,
    async stop(): Promise<void> {
      await edge.application.close();
      await issuer.stop();
    },
  };
}

export type GuardedEdge = Awaited<ReturnType<typeof startGuardedEdge>>;

/** What a client posts. */
export function post(
  url: string,
  { body, token, path = '/mcp', headers }: Posted,
): Promise<Response> {
  return fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** `id` as it stands in the message: JavaScript would round some. */
export function toolCall(
  name: string,
  args: object = {},
  more: { id?: string; meta?: object | string } = {},
): string {
  const { id = '1', meta = {} } = more;
  const meant = typeof meta === 'string' ? meta : JSON.stringify(meta);
  return (
    `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${name}",` +
    `"arguments":${JSON.stringify(args)},"_meta":${meant}}}`
  );
}

/** The messages of an answer in either form, as text. */
export async function messagesOf(response: Response): Promise<string[]> {
  const text = await response.text();
  const lines = text.split('\n').filter((line) => line.startsWith('data: '));
  return lines.length === 0 ? [text] : lines.map((line) => line.slice('data: '.length));
}
