import type { rejectionSchema } from '@skynet/contracts';
import type { z } from 'zod';

export const UNAUTHORIZED = 401;

/** Which server to call, and as whom. */
export interface Connection {
  readonly mcp: string;
  readonly token: string;
  /** Where both come from, for messages. */
  readonly source: string;
  /** Another token, when this one is refused; absent where there is none. */
  readonly renew?: (refused: string) => Promise<string>;
}

/** The server said no. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly code: z.infer<typeof rejectionSchema>['code'],
    message: string,
    /** What to do about it. */
    readonly next: string,
    /** The same call may succeed after it; absent where nobody knows. */
    readonly retryAfterMs?: number,
  ) {
    super(`${code}: ${message}`);
  }
}

/** Sends the token; when it is refused, another one and the same again, once. */
export function authorized({ token, renew }: Connection): typeof fetch {
  let current = token;
  const send: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${current}`);
    return fetch(input, { ...init, headers });
  };
  return async (input, init) => {
    const used = current;
    const response = await send(input, init);
    if (response.status !== UNAUTHORIZED || renew === undefined) return response;
    await response.body?.cancel();
    // Another call may have done it meanwhile.
    if (current === used) current = await renew(used);
    return send(input, init);
  };
}
