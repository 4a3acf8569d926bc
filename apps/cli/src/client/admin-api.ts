import { z } from 'zod';
import { answerOf, parsed } from './http-answer.js';
import { fetchToken } from '../stack/local-client.js';
import { exitCodes, Trouble } from '../trouble.js';

const refusalSchema = z.object({ message: z.string(), next: z.string().optional() });

/** Where users and clients are kept, and the data folder whose client may administer them. */
export interface AdminApiOptions {
  readonly issuer: string;
  readonly dataDir: string;
}

/** The auth service's own API for administrators, called as the client of this machine's owner. */
export class AdminApi {
  private token: Promise<string> | undefined;

  constructor(private readonly options: AdminApiOptions) {}

  /** @throws Trouble with what the server said when it says no */
  async call(method: string, path: string, body?: object): Promise<unknown> {
    const { issuer, dataDir } = this.options;
    this.token ??= fetchToken(dataDir, issuer, { resource: `${issuer}/admin` }).then(
      ({ token }) => token,
    );
    const url = `${issuer}/admin${path}`;
    const { status, isOk, text } = await answerOf(url, {
      method,
      headers: { authorization: `Bearer ${await this.token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = parsed(url, text);
    if (isOk) return answer;
    const { message, next } = refusalSchema.parse(answer);
    const exitCode = status === 400 ? exitCodes.usage : exitCodes.refused;
    throw new Trouble(message, { next, exitCode });
  }
}
