import { userViewSchema, type NewUser, type UserChanges, type UserView } from '@skynet/contracts';
import { z } from 'zod';
import { fetchToken } from '../stack/local-client.js';
import { exitCodes, Trouble } from '../trouble.js';

const listSchema = z.object({ users: z.array(userViewSchema) });
const refusalSchema = z.object({ message: z.string(), next: z.string().optional() });

/** Where the users are kept, and the data folder whose client may administer them. */
export interface UserAdminOptions {
  readonly issuer: string;
  readonly dataDir: string;
}

/** The users of a stack, through its auth service, as the client of this machine's owner. */
export class UserAdmin {
  private token: Promise<string> | undefined;

  constructor(private readonly options: UserAdminOptions) {}

  async list(): Promise<readonly UserView[]> {
    return listSchema.parse(await this.call('GET', '')).users;
  }

  async add(user: NewUser): Promise<UserView> {
    return userViewSchema.parse(await this.call('POST', '', user));
  }

  async change(name: string, changes: UserChanges): Promise<UserView> {
    const path = `/${encodeURIComponent(name)}`;
    return userViewSchema.parse(await this.call('PATCH', path, changes));
  }

  private async call(method: string, path: string, body?: object): Promise<unknown> {
    const { issuer, dataDir } = this.options;
    this.token ??= fetchToken(dataDir, issuer, `${issuer}/admin`).then(({ token }) => token);
    const response = await fetch(`${issuer}/admin/users${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (response.ok) return answer;
    const { message, next } = refusalSchema.parse(answer);
    const exitCode = response.status === 400 ? exitCodes.usage : exitCodes.refused;
    throw new Trouble(message, { next, exitCode });
  }
}
