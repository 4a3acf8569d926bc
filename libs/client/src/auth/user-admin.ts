import { userViewSchema, type NewUser, type UserChanges, type UserView } from '@skynet/contracts';
import { z } from 'zod';
import { AdminApi, type AdminApiOptions } from './admin-api.js';

const listSchema = z.object({ users: z.array(userViewSchema) });

/** The users of a stack. */
export class UserAdmin {
  private readonly api: AdminApi;

  constructor(options: AdminApiOptions) {
    this.api = new AdminApi(options);
  }

  async list(): Promise<readonly UserView[]> {
    return listSchema.parse(await this.api.call('GET', '/users')).users;
  }

  async add(user: NewUser): Promise<UserView> {
    return userViewSchema.parse(await this.api.call('POST', '/users', user));
  }

  async change(name: string, changes: UserChanges): Promise<UserView> {
    const path = `/users/${encodeURIComponent(name)}`;
    return userViewSchema.parse(await this.api.call('PATCH', path, changes));
  }
}
