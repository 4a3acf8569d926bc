import { askForToken, TokenRefused } from '@skynet/client';
import { Trouble } from '../ending/trouble.js';
import type { LoginsFile, StoredLogin } from './logins-file.js';

const RENEW_BEFORE_MS = 60_000;

/**
 * A token of the login to a server, renewed when it has become old or was refused; undefined without a login.
 *
 * @throws Trouble when the login is over
 */
export async function tokenOfLogin(
  logins: LoginsFile,
  mcp: string,
  refused?: string,
): Promise<string | undefined> {
  const isGood = (login: StoredLogin) => isFresh(login) && login.token !== refused;
  const login = await logins.find(mcp);
  if (login === undefined || isGood(login)) return login?.token;
  // A refresh token is good once: processes that call at the same time must not use it twice.
  const renewed = await logins.change(mcp, async (current) =>
    current === undefined || isGood(current) ? current : renew(current, mcp),
  );
  return renewed?.token;
}

function isFresh({ tokenExpiresAt }: StoredLogin): boolean {
  return Date.parse(tokenExpiresAt) - Date.now() > RENEW_BEFORE_MS;
}

async function renew(login: StoredLogin, mcp: string): Promise<StoredLogin> {
  const { tokenEndpoint, clientId, refreshToken } = login;
  if (refreshToken === undefined) throw over(mcp);
  try {
    const renewed = await askForToken(tokenEndpoint, {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: refreshToken,
    });
    return { ...login, ...renewed, refreshToken: renewed.refreshToken ?? refreshToken };
  } catch (error) {
    if (error instanceof TokenRefused) throw over(mcp);
    throw error;
  }
}

function over(mcp: string): Trouble {
  return new Trouble(`The login to ${mcp} is over.`, { next: `Run "skynet login --url ${mcp}".` });
}
