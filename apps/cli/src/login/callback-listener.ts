import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Trouble } from '../ending/trouble.js';

const CALLBACK_PATH = '/callback';

/** Waits on this machine for a browser that comes back from a login. */
export interface CallbackListener {
  readonly redirectUrl: string;
  /** Parameters that the browser came back with. */
  readonly answer: Promise<URLSearchParams>;
  close(): void;
}

/**
 * Listens on the port, by default on any that is free.
 *
 * @throws Trouble when the port is taken
 */
export async function listenForCallback(port = 0): Promise<CallbackListener> {
  const { promise: answer, resolve } = Promise.withResolvers<URLSearchParams>();
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const isCallback = request.method === 'GET' && pathname === CALLBACK_PATH;
    response.writeHead(isCallback ? 200 : 404, {
      'content-type': 'text/plain; charset=utf-8',
      connection: 'close',
    });
    const isDone = searchParams.has('code');
    response.end(isDone ? 'You are logged in. You can close this page.\n' : 'Not logged in.\n');
    if (isCallback) resolve(searchParams);
  };
  const server = createServer(onRequest);
  await new Promise<void>((listening, fail) => {
    server.once('error', (cause) => {
      const next = 'Take another one, which the authorization server knows, or none.';
      fail(new Trouble(`The port ${port} can not be listened on.`, { next, cause }));
    });
    server.listen(port, '127.0.0.1', listening);
  });
  const { port: chosen } = server.address() as AddressInfo;
  return {
    redirectUrl: `http://127.0.0.1:${chosen}${CALLBACK_PATH}`,
    answer,
    close: () => void server.close(),
  };
}

/** The answer, unless the signal ends the waiting. */
export function answerOrEnd(
  { answer }: Pick<CallbackListener, 'answer'>,
  signal: AbortSignal,
): Promise<URLSearchParams> {
  return Promise.race([answer, rejectOn(signal)]);
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
