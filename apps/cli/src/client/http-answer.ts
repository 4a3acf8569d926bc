import { Trouble } from '../trouble.js';

/** What came back, read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly isOk: boolean;
  readonly text: string;
}

/** @throws Trouble that names the server when it does not answer, or not to the end */
export async function answerOf(url: string, request: RequestInit): Promise<HttpAnswer> {
  try {
    const response = await fetch(url, request);
    return { status: response.status, isOk: response.ok, text: await response.text() };
  } catch (cause) {
    request.signal?.throwIfAborted();
    throw new Trouble(`Nobody answers at ${new URL(url).origin}.`, {
      next: 'Does the stack run? "npm start" starts it.',
      cause,
    });
  }
}

/** The JSON of an answer. @throws Trouble when it is something else */
export function parsed(url: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Trouble(`What answers at ${new URL(url).origin} is not the auth service.`, {
      next: 'Is another program on its port? "skynet doctor" says what is there.',
      cause,
    });
  }
}
