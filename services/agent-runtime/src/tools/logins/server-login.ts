import { extractWWWAuthenticateParams, type AuthProvider } from '@modelcontextprotocol/client';
import { LoginRequiredError } from './login-required-error.js';
import type { StoredLogin } from './stored-login.js';

const QUOTED_BYTES = 500;

export interface LoginOfServer {
  /** Of this server and URL. */
  find(): Promise<StoredLogin | undefined>;
  /** Tokens that are good, in place of these. */
  renew(refused: string): Promise<StoredLogin | undefined>;
  isOld(login: StoredLogin): boolean;
  isOver(login: StoredLogin): boolean;
}

/** Shows a server the token of the login to it, and says who has to do what where there is none. */
export class ServerLogin implements AuthProvider {
  private shown: string | undefined;

  constructor(
    private readonly server: string,
    private readonly login: LoginOfServer,
  ) {}

  async token(): Promise<string | undefined> {
    let found = await this.login.find();
    if (found?.tokens?.refresh_token !== undefined && this.login.isOld(found)) {
      found = await this.renewedOr(found, found.tokens.access_token);
    }
    return (this.shown = found?.tokens?.access_token);
  }

  /** A token that is still good needs nobody who gives another one. */
  private async renewedOr(found: StoredLogin, token: string): Promise<StoredLogin | undefined> {
    try {
      return await this.login.renew(token);
    } catch (error) {
      if (this.login.isOver(found)) throw error;
      return found;
    }
  }

  /** Returns when another token may do. */
  async onUnauthorized({ response }: { readonly response: Response }): Promise<void> {
    const { shown } = this;
    const found = await this.login.find();
    const current = found?.tokens?.access_token;
    if (current !== undefined && current !== shown) return;
    if (found === undefined) throw await this.without(response);
    const renewed = current === undefined ? undefined : await this.login.renew(current);
    if (renewed?.tokens !== undefined && renewed.tokens.access_token !== current) return;
    throw new LoginRequiredError(this.server, 'the login to it is over');
  }

  /** Not every server that wants a token lets people log in. */
  private async without(response: Response): Promise<Error> {
    const { resourceMetadataUrl } = extractWWWAuthenticateParams(response);
    if (resourceMetadataUrl !== undefined) {
      return new LoginRequiredError(this.server, 'it wants a person to log in');
    }
    const said = (await response.text()).slice(0, QUOTED_BYTES).trim().toWellFormed();
    const why = said === '' ? 'HTTP 401' : `HTTP 401: ${said}`;
    return new LoginRequiredError(
      this.server,
      `${why}: it wants a token in headers of its entry, or a login`,
    );
  }
}
