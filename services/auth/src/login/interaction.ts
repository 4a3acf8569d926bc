import type { IncomingMessage, ServerResponse } from 'node:http';
import { scopeSchema, scopesNamed, scopesOfRoles, type Scope } from '@skynet/contracts';
import { OverloadedError } from '@skynet/platform';
import type { Client, Interaction as Details, InteractionResults, Provider } from 'oidc-provider';
import { cliClient } from '../clients/cli-client.js';
import { destinationOf } from '../clients/redirects.js';
import {
  consentPage,
  loginPage,
  tellingPage,
  type AskingClient,
  type LoginQuestion,
} from '../pages/login-pages.js';
import { formTarget, type Page } from '../pages/page.js';
import type { KnownUser, Users } from '../principals/users.js';
import type { AskedPerson, LoginActs } from '../recording/login-acts.js';
import { stillLoggedIn } from './interaction-policy.js';
import { deviceSecret, keepDeviceSecret } from './device-cookie.js';
import type { PasswordLogin } from './password-login.js';

/** What comes of an answer: another page, or a result with which the library goes on. */
export type Step =
  | { readonly kind: 'page'; readonly page: Page }
  | { readonly kind: 'result'; readonly result: InteractionResults };

/** A request of a person, with the provider that asked for an answer. */
export interface Asked {
  readonly provider: Provider;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly address: string;
}

const GONE = tellingPage(
  'This login is over',
  'It took too long, or was answered already. Go back to the program and start again.',
  400,
);
const NO_ROLE = 'the roles of the user allow nothing of what the client asks for';
const CANCELLED = { error: 'access_denied', error_description: 'the user did not allow it' };

/** The conversation with a person who wants to log in, or is asked to allow something. */
export class Interaction {
  constructor(
    private readonly login: PasswordLogin,
    private readonly users: Users,
    private readonly audience: string,
    private readonly acts: LoginActs,
  ) {}

  async show(asked: Asked): Promise<Page> {
    const details = await detailsOf(asked);
    if (details === undefined) return GONE;
    return this.question(asked, details);
  }

  async answer(asked: Asked, form: URLSearchParams): Promise<Step> {
    const details = await detailsOf(asked);
    if (details === undefined) return { kind: 'page', page: GONE };
    const { name: prompt } = details.prompt;
    const action = form.get('action');
    if (action === 'cancel') return this.cancel(asked, details);
    if (action === 'login' && prompt === 'login') return this.tryLogin(asked, details, form);
    if (action === 'allow' && prompt === 'consent') return this.allow(asked, details);
    return { kind: 'page', page: await this.question(asked, details) };
  }

  private async question(asked: Asked, details: Details): Promise<Page> {
    const { provider } = asked;
    const client = await askingClient(provider, details);
    const leadsTo = formTarget(redirectOf(details));
    const user = this.userOf(details);
    if (details.prompt.name !== 'consent' || user === undefined) {
      return loginPage({ client, leadsTo });
    }
    const { granted, withheld } = asksFor(details, user);
    if (granted.length === 0) {
      await this.acts.notConsented(personOf(asked, details), user, NO_ROLE);
      return nothingToAllow(user, withheld);
    }
    const staysLoggedIn = (await clientOf(provider, details))?.grantTypeAllowed('refresh_token');
    return consentPage({
      client,
      user: user.name,
      scopes: granted,
      withheld,
      staysLoggedIn: staysLoggedIn === true,
      leadsTo,
    });
  }

  private async cancel(asked: Asked, details: Details): Promise<Step> {
    const at = personOf(asked, details);
    const user = this.userOf(details);
    const reason = 'called off by the person';
    if (details.prompt.name === 'consent' && user !== undefined) {
      await this.acts.notConsented(at, user, reason);
    } else {
      await this.acts.notLoggedIn(at, { reason });
    }
    return { kind: 'result', result: CANCELLED };
  }

  private async tryLogin(asked: Asked, details: Details, form: URLSearchParams): Promise<Step> {
    const name = (form.get('name') ?? '').trim().toLowerCase().slice(0, 64);
    const password = (form.get('password') ?? '').slice(0, 256);
    const again = async (wrong: string, status: number): Promise<Step> => {
      const client = await askingClient(asked.provider, details);
      const leadsTo = formTarget(redirectOf(details));
      const question: LoginQuestion = { client, name, wrong, status, leadsTo };
      return { kind: 'page', page: loginPage(question) };
    };
    const at = personOf(asked, details);
    try {
      const { address } = asked;
      const known = deviceSecret(asked, name);
      const outcome = await this.login.check({ name, password, address, deviceSecret: known });
      switch (outcome.kind) {
        case 'known':
          keepDeviceSecret(asked, name, outcome.deviceSecret);
          await this.acts.loggedIn(at, outcome.user);
          return { kind: 'result', result: { login: { accountId: outcome.user.name } } };
        case 'unknown':
          await this.acts.notLoggedIn(at, outcome);
          return await again('Name or password is wrong.', 401);
        case 'throttled':
          await this.acts.notLoggedIn(at, { ...outcome, reason: 'too many tries' });
          return await again(`Too many tries. Wait ${seconds(outcome.waitMs)}.`, 429);
      }
    } catch (error) {
      if (!(error instanceof OverloadedError)) throw error;
      await this.acts.notLoggedIn(at, { reason: 'too many log in at once', outcome: 'failed' });
      return again('Too many people log in just now. Try again in a moment.', 503);
    }
  }

  private async allow(asked: Asked, details: Details): Promise<Step> {
    const { provider } = asked;
    const user = this.userOf(details);
    const { clientId } = (await clientOf(provider, details)) ?? {};
    if (user === undefined || clientId === undefined) return { kind: 'page', page: GONE };
    const { granted, withheld, openid, resource = this.audience } = asksFor(details, user);
    // A grant of its own for each login: what revokes one leaves the others alone.
    const grant = new provider.Grant({ accountId: user.name, clientId });
    grant.addOIDCScope([...openid, ...granted].join(' '));
    grant.addResourceScope(resource, granted.join(' '));
    if (withheld.length > 0) {
      grant.rejectOIDCScope(withheld.join(' '));
      grant.rejectResourceScope(resource, withheld.join(' '));
    }
    const login = await grant.save();
    const what = { login, scopes: granted, audience: resource };
    await this.acts.consented(personOf(asked, details), user, what);
    return { kind: 'result', result: { consent: { grantId: login } } };
  }

  private userOf({ session }: Details): KnownUser | undefined {
    const user = this.users.find(session?.accountId ?? '');
    return stillLoggedIn(user, Infinity) ? user : undefined;
  }
}

async function detailsOf({ provider, request, response }: Asked): Promise<Details | undefined> {
  try {
    return await provider.interactionDetails(request, response);
  } catch (error) {
    if ((error as Error).name === 'SessionNotFound') return undefined;
    throw error;
  }
}

function personOf({ address }: Asked, { params }: Details): AskedPerson {
  return { address, client: String(params['client_id']) };
}

function asksFor({ params }: Details, user: KnownUser) {
  const text = typeof params['scope'] === 'string' ? params['scope'] : '';
  const resource = typeof params['resource'] === 'string' ? params['resource'] : undefined;
  const asked = scopesNamed(text);
  const allowed = scopesOfRoles(user.roles);
  return {
    granted: scopeSchema.options.filter(
      (scope) => asked.includes(scope) && allowed.includes(scope),
    ),
    withheld: asked.filter((scope) => !allowed.includes(scope)),
    openid: text.split(' ').filter((scope) => scope === 'openid' || scope === 'offline_access'),
    resource,
  };
}

function nothingToAllow({ name }: KnownUser, withheld: readonly Scope[]): Page {
  const wanted = withheld.length === 0 ? 'nothing of this server' : withheld.join(', ');
  return tellingPage(
    'Nothing to allow',
    `The program asks for ${wanted}, which the roles of ${name} do not allow. Ask an administrator for the role.`,
    403,
  );
}

function clientOf(provider: Provider, { params }: Details): Promise<Client | undefined> {
  return provider.Client.find(String(params['client_id']));
}

async function askingClient(provider: Provider, details: Details): Promise<AskingClient> {
  const client = await clientOf(provider, details);
  const redirect = redirectOf(details);
  return {
    id: String(details.params['client_id']),
    name: client?.clientName,
    destination: redirect === undefined ? undefined : destinationOf(redirect),
    isVouchedFor: client?.clientId === cliClient.client_id,
  };
}

function redirectOf({ params }: Details): string | undefined {
  return typeof params['redirect_uri'] === 'string' ? params['redirect_uri'] : undefined;
}

function seconds(ms: number): string {
  const whole = Math.ceil(ms / 1_000);
  return whole < 90 ? `${whole} s` : `${Math.ceil(whole / 60)} minutes`;
}
