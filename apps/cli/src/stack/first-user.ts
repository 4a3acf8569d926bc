import { randomBytes } from 'node:crypto';
import { UserAdmin } from '@skynet/client';
import { asOwner } from '../connection/local-token.js';
import type { StoredConnection } from '../connection/connection-file.js';

/** A name and password, to be shown once: nobody keeps the password. */
export interface FirstLogin {
  readonly name: string;
  readonly password: string;
}

const FIRST_USER = 'admin';
const PASSWORD_BYTES = 15;

export function newPassword(): string {
  return randomBytes(PASSWORD_BYTES).toString('base64url');
}

/** Makes an administrator where there is no user yet; undefined where there is one. */
export async function makeFirstUser(
  connection: Pick<StoredConnection, 'issuer' | 'dataDir'>,
): Promise<FirstLogin | undefined> {
  const admin = new UserAdmin(asOwner(connection));
  if ((await admin.list()).length > 0) return undefined;
  const login = { name: FIRST_USER, password: newPassword() };
  await admin.add({ ...login, roles: ['admin'] });
  return login;
}
