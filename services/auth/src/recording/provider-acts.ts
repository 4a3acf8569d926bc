import type { IncomingMessage } from 'node:http';
import { scopesNamed, type AuditOutcome } from '@skynet/contracts';
import type { Act, AuditTrail } from '@skynet/platform';
import type { Client, errors, KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { MachineClients } from '../clients/machine-clients.js';
import type { Users } from '../principals/users.js';

export interface ProviderActsOptions {
  readonly audit: AuditTrail;
  readonly users: Users;
  readonly machines: MachineClients;
  readonly limits: { readonly addressOf: (request: IncomingMessage) => string };
  /** Whose a code or token is or was, by its kind and what was sent. */
  readonly loginOf: (kind: string, sent: string) => Promise<Login | undefined>;
}

interface Login {
  readonly login?: string | undefined;
  readonly user?: string | undefined;
}

type Context = KoaContextWithOIDC;
type Failure = errors.OIDCProviderError;
type Told = Pick<Act, 'act' | 'outcome' | 'reason' | 'target' | 'details'>;

const GRANTS: Readonly<Record<string, string>> = {
  authorization_code: 'authorization_code',
  refresh_token: 'refresh_token',
  client_credentials: 'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code': 'device_code',
};
/** What is good once, by the parameter that it comes in. */
const GOOD_ONCE = {
  code: 'AuthorizationCode',
  device_code: 'DeviceCode',
  refresh_token: 'RefreshToken',
} as const;
/** Somebody else has, or had, a copy: in words of the library and of our store. */
const REUSE = /already (used|consumed)$|^used by somebody else/;
/** A device asks again and again until a person has answered. */
const NOT_YET: readonly string[] = ['authorization_pending', 'slow_down'];
/** What the library knows of no token of ours; it is looked at elsewhere. */
const OTHER_TOKEN = 'unsupported_token_type';
const OF_DEVICE: readonly string[] = ['code_verification', 'device_resume'];

/** Tells what the OAuth server lets people and clients do, or not; it answers when that is stored. */
export class ProviderActs {
  private readonly told = new WeakMap<Context, Promise<void>[]>();
  private readonly revokedLogins = new WeakMap<Context, string>();

  constructor(private readonly options: ProviderActsOptions) {}

  /** Call it before other middleware is added: the answer waits for what they tell as well. */
  follow(provider: Provider): void {
    provider.use(async (context: Context, next) => {
      await next();
      this.codeTyped(context);
      await Promise.all(this.told.get(context) ?? []);
    });
    provider.on('grant.success', (context) => this.tokenGiven(context));
    provider.on('grant.error', (context, error) => this.tokenRefused(context, error));
    onFailure(provider, 'device_authorization.error', (context, error) =>
      this.tokenRefused(context, error),
    );
    provider.on('grant.revoked', (context, login) => this.loginRevoked(context, login));
    provider.on('revocation.error', (context, error) => {
      if (error.error !== OTHER_TOKEN) this.refused(context, 'revoke', reasonOf(error));
    });
    provider.on('authorization.success', (context) => this.deviceConfirmed(context));
    provider.on('authorization.error', (context, error) => this.accessRefused(context, error));
    onFailure(provider, 'code_verification.error', (context, error) =>
      this.refused(context, 'login', reasonOf(error)),
    );
    provider.on('registration_create.success', (context, { clientId: id }) => {
      this.tell(context, {
        act: 'client-registration',
        outcome: 'allowed',
        target: { kind: 'client', id },
      });
    });
    provider.on('registration_create.error', (context, { error }) =>
      // What is wrong is told in words of the client.
      this.refused(context, 'client-registration', error),
    );
    provider.on('server_error', (context) => this.failed(context));
  }

  /** Tokens of a login that end at the word of their client. */
  revoked(context: Context, login: string, owner: string | undefined): void {
    const target = { kind: 'login', id: login } as const;
    this.tell(context, { act: 'revoke', outcome: 'allowed', target }, owner);
  }

  private tokenGiven(context: Context): void {
    const { entities, client } = context.oidc;
    const { scope } = (context.body ?? {}) as { scope?: unknown };
    const login = entities.Grant?.jti;
    this.tell(context, {
      act: 'token',
      outcome: 'allowed',
      target:
        login === undefined
          ? { kind: 'client', id: client?.clientId ?? '' }
          : { kind: 'login', id: login },
      details: {
        ...grantOf(context),
        scopes: scopesNamed(typeof scope === 'string' ? scope : '').join(' '),
        audience: String((entities.AccessToken ?? entities.ClientCredentials)?.aud ?? ''),
      },
    });
  }

  private tokenRefused(context: Context, error: Failure): void {
    if (NOT_YET.includes(error.error)) return;
    const details = grantOf(context);
    const refused = { outcome: 'refused', reason: reasonOf(error), details } as const;
    if (REUSE.test(error.error_detail ?? '')) this.add(context, this.reused(context, refused));
    else this.tell(context, { act: 'token', ...refused, target: this.loginIn(context) });
  }

  private async reused(context: Context, refused: Omit<Told, 'act'>): Promise<void> {
    const { login, user } = await this.sentLogin(context.oidc.params ?? {});
    const target = this.loginIn(context) ?? loginTarget(login);
    await this.record(context, { act: 'token-reuse', ...refused, target }, user);
  }

  private async sentLogin(params: Readonly<Record<string, unknown>>): Promise<Login> {
    for (const [name, kind] of Object.entries(GOOD_ONCE)) {
      const sent = params[name];
      if (typeof sent !== 'string') continue;
      // The refusal is told in any case.
      return (await this.options.loginOf(kind, sent).catch(() => undefined)) ?? {};
    }
    return {};
  }

  private loginIn(context: Context): Act['target'] {
    const { RefreshToken: token } = context.oidc.entities;
    return loginTarget(this.revokedLogins.get(context) ?? token?.grantId);
  }

  /** At the endpoint for tokens it is told with the reason, as a token that is refused. */
  private loginRevoked(context: Context, login: string): void {
    this.revokedLogins.set(context, login);
    const { route, entities } = context.oidc;
    if (route === 'revocation') this.revoked(context, login, entities.RefreshToken?.accountId);
  }

  private accessRefused(context: Context, error: Failure): void {
    // A person's no is told where the person was asked.
    if (error.error === 'access_denied') return;
    this.refused(context, 'consent', reasonOf(error));
  }

  private deviceConfirmed(context: Context): void {
    if (!OF_DEVICE.includes(context.oidc.route)) return;
    const details = { device: 'confirmed' };
    this.tell(context, { act: 'login', outcome: 'allowed', details });
  }

  /** The library tells nobody of codes that people type. */
  private codeTyped(context: Context): void {
    const { method, oidc } = context as Partial<Context>;
    const isTyped = method === 'POST' && oidc?.route === 'code_verification';
    if (!isTyped || this.told.has(context)) return;
    const { deviceCode } = oidc;
    // The parameters are those of the device by now.
    const { abort, confirm } = oidc.body ?? {};
    if (deviceCode === undefined) {
      this.refused(context, 'login', 'the code of a device is wrong, used or too old');
    } else if (abort !== undefined) {
      this.refused(context, 'login', 'called off by the person');
    } else if (confirm === undefined) {
      this.tell(context, { act: 'login', outcome: 'allowed', details: { device: 'code typed' } });
    }
  }

  private failed(context: Context): void {
    if (context.oidc.route !== 'token') return;
    this.tell(context, { act: 'token', outcome: 'failed', details: grantOf(context) });
  }

  private refused(context: Context, act: string, reason: string): void {
    this.tell(context, { act, outcome: 'refused', reason });
  }

  private tell(context: Context, told: Told, owner?: string): void {
    this.add(context, this.record(context, told, owner));
  }

  private add(context: Context, telling: Promise<void>): void {
    this.told.set(context, [...(this.told.get(context) ?? []), telling]);
  }

  private async record(context: Context, told: Told, owner?: string): Promise<void> {
    const { audit, limits } = this.options;
    const { account, session } = context.oidc;
    const person = owner ?? account?.accountId ?? session?.accountId;
    const who = await this.whoOf(person, context.oidc.client, told.outcome);
    const client = context.oidc.client?.clientId;
    await audit.record({ ...who, client, address: limits.addressOf(context.req), ...told });
  }

  /** A client with a secret is somebody when it was let in. */
  private async whoOf(
    person: string | undefined,
    client: Client | undefined,
    outcome: AuditOutcome,
  ): Promise<Pick<Act, 'principal' | 'tenant'>> {
    const { users, machines } = this.options;
    const user = users.find(person ?? '');
    if (user !== undefined) return { principal: user.name, tenant: user.tenant };
    const machine = client && (await machines.find(client.clientId));
    const { clientId: principal, tenant } = machine ?? {};
    return outcome === 'allowed' ? { principal, tenant } : { tenant };
  }
}

type OnFailure = (context: Context, error: Failure) => void;

/** The library tells of more than its types know. */
function onFailure(provider: Provider, event: string, tell: OnFailure): void {
  provider.on(event as 'grant.error', tell);
}

function loginTarget(id: string | undefined): Act['target'] {
  return id === undefined ? undefined : { kind: 'login', id };
}

function grantOf({ oidc }: Context): { grant?: string } {
  const grant = GRANTS[String(oidc.params?.['grant_type'])];
  return grant === undefined ? {} : { grant };
}

function reasonOf({ error, error_detail: detail, error_description: said }: Failure): string {
  return `${error}: ${detail ?? said ?? ''}`;
}
