import { ServerError } from '../errors/server-error.js';

/** What came back, read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly isOk: boolean;
  readonly text: string;
}

/** @throws ServerError that names the server when it does not answer, or not to the end */
export async function answerOf(url: string, request: RequestInit): Promise<HttpAnswer> {
  try {
    const response = await fetch(url, request);
    return { status: response.status, isOk: response.ok, text: await response.text() };
  } catch (cause) {
    request.signal?.throwIfAborted();
    const message = `Nobody answers at ${new URL(url).origin}.`;
    throw new ServerError('AUTH_AWAY', message, { cause });
  }
}

/** The JSON of an answer. @throws ServerError when it is something else */
export function parsed(url: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `What answers at ${new URL(url).origin} is not the auth service.`;
    throw new ServerError('AUTH_OTHER', message, { cause });
  }
}
