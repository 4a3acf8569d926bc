import {
  discoverOAuthServerInfo,
  OAuthError,
  OAuthErrorCode,
  refreshAuthorization,
  type OAuthTokens,
} from '@modelcontextprotocol/client';
import { LoginRequiredError } from './login-required-error.js';
import type { StoredLogin } from './stored-login.js';
import { refuseNoToken, usable } from './usable-answers.js';

type Send = (url: string | URL, init?: RequestInit) => Promise<Response>;

const REFRESH_TOKEN_REFUSED: string = OAuthErrorCode.InvalidGrant;
/** Of no use is the client, not the login: its secret may have been changed in one place of two. */
const CLIENT_REFUSED: ReadonlySet<string> = new Set([
  OAuthErrorCode.InvalidClient,
  OAuthErrorCode.UnauthorizedClient,
]);

export interface LoginToRenew {
  readonly server: string;
  readonly login: StoredLogin;
  /** Who asks for the tokens. */
  readonly client: StoredLogin['client'];
  readonly send: Send;
}

/**
 * Tokens in place of those of the login; `over` when its refresh token is of no use any more. Not safe to retry: a refresh
 * token may be good once.
 *
 * @throws LoginRequiredError when the login may be good and this way leads to no token; what the network failed with
 */
export async function renewed(asked: LoginToRenew): Promise<OAuthTokens | 'over'> {
  const { server, login, client, send } = asked;
  const { issuer, resource, tokens } = login;
  if (tokens?.refresh_token === undefined) {
    throw new LoginRequiredError(
      server,
      'its token is refused, and the login has none to renew it',
    );
  }
  const { authorizationServerUrl, authorizationServerMetadata: metadata } = await discovered(
    login,
    send,
  );
  if ((metadata?.issuer ?? authorizationServerUrl) !== issuer) {
    throw new LoginRequiredError(server, 'it lets people log in elsewhere than before');
  }
  try {
    const refreshing = refreshAuthorization(authorizationServerUrl, {
      metadata,
      clientInformation: client,
      refreshToken: tokens.refresh_token,
      resource,
      fetchFn: send,
    });
    const fresh = await usable(refreshing);
    refuseNoToken(fresh);
    return fresh;
  } catch (error) {
    return afterRefusal(error, asked);
  }
}

function afterRefusal(error: unknown, { server, login, client }: LoginToRenew): 'over' {
  if (!(error instanceof OAuthError)) throw error;
  if (CLIENT_REFUSED.has(error.code)) {
    const why = `its issuer refuses the client of the login (${error.code})`;
    throw new LoginRequiredError(server, why, { cause: error });
  }
  if (error.code !== REFRESH_TOKEN_REFUSED) throw error;
  if (client.client_id === login.client.client_id) return 'over';
  throw new LoginRequiredError(server, 'the login to it is that of another client id', {
    cause: error,
  });
}

function discovered({ url, resourceMetadataUrl: place }: StoredLogin, send: Send) {
  const resourceMetadataUrl = place === undefined ? undefined : new URL(place);
  return usable(discoverOAuthServerInfo(url, { resourceMetadataUrl, fetchFn: send }));
}
