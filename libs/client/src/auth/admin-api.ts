import { z } from 'zod';
import { answerOf, parsed } from './http-answer.js';

const refusalSchema = z.object({ message: z.string(), next: z.string().optional() });

/** Where users and clients are kept, and how to be let in there. */
export interface AdminApiOptions {
  readonly issuer: string;
  /** Gets a token for the resource, of somebody who may administer. */
  readonly tokenFor: (resource: string) => Promise<string>;
}

/** The auth service said no to an administrator. */
export class AdminRefused extends Error {
  override readonly name = 'AdminRefused';

  constructor(
    /** Of HTTP; 400 is a wrong argument. */
    readonly status: number,
    message: string,
    readonly next: string | undefined,
  ) {
    super(message);
  }
}

/** The auth service's own API for administrators. */
export class AdminApi {
  private token: Promise<string> | undefined;

  constructor(private readonly options: AdminApiOptions) {}

  /**
   * @throws AdminRefused with what the server said when it says no
   * @throws ServerError when nobody answers there, or somebody else
   */
  async call(method: string, path: string, body?: object): Promise<unknown> {
    const { issuer, tokenFor } = this.options;
    this.token ??= tokenFor(`${issuer}/admin`);
    const url = `${issuer}/admin${path}`;
    const { status, isOk, text } = await answerOf(url, {
      method,
      headers: { authorization: `Bearer ${await this.token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = parsed(url, text);
    if (isOk) return answer;
    const { message, next } = refusalSchema.parse(answer);
    throw new AdminRefused(status, message, next);
  }
}
