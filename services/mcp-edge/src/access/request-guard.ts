import type { IncomingMessage } from 'node:http';
import { everydayScopes, scopesOf, type Principal } from '@skynet/contracts';
import type { AuditTrail } from '@skynet/platform';
import { callerAddress } from '@skynet/platform/service';
import {
  validateHostHeader,
  validateOriginHeader,
  type AuthInfo,
} from '@modelcontextprotocol/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../recording/caller.js';
import { ISSUER_METADATA_PATH } from './issuer-metadata.js';
import type { OpenRequests } from './open-requests.js';
import { letPageRead } from './page-access.js';
import type { RequestRates } from './request-rates.js';
import { sendRefusal, type Refusal } from './refusal.js';
import { resourceMetadataUrl, WELL_KNOWN_PATH } from './resource-metadata.js';
import type { TokenVerifier } from './token-verifier.js';

export interface RequestGuardOptions {
  readonly audience: string;
  /** Host names, without ports. */
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly verifier: TokenVerifier;
  readonly rates: RequestRates;
  readonly openRequests: OpenRequests;
  readonly audit: AuditTrail;
  /** Whether a proxy says in X-Forwarded-For whom it speaks for. */
  readonly behindProxy: boolean;
}

const BEARER = /^Bearer +(\S+)$/i;

/** Stands in front of every path: nothing is reached without a token but health, the metadata on how to get one, and preflights. */
export class RequestGuard {
  private readonly metadataUrl: string;

  constructor(private readonly options: RequestGuardOptions) {
    this.metadataUrl = resourceMetadataUrl(options.audience);
  }

  async admit(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    // The route that was found, not the path as it was sent: there is one way only to write it.
    const route = request.routeOptions.url;
    // A probe knows the address of the process, not its public name.
    if (route?.startsWith('/health/')) return undefined;
    const foreign = this.refusedSender(request);
    if (foreign !== undefined) return this.refuse(request, reply, foreign);
    const answered = letPageRead(request, reply);
    if (answered !== undefined) return answered;
    const refusal = isOpen(route)
      ? this.options.rates.refusedUnknown(request.raw)
      : await this.refusedToken(request, reply);
    return refusal === undefined ? undefined : this.refuse(request, reply, refusal);
  }

  /** Nobody waits for the record: a store that is away must not hold up who is turned away. */
  private refuse(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
    const { status, message: reason, caller } = refusal;
    // Nobody was turned away who is only to come again.
    if (status !== 503) {
      const { principal, tenant } = caller?.principal ?? {};
      const who = { principal, tenant, client: caller?.client, address: this.addressOf(request) };
      void this.options.audit.record({ act: 'access', outcome: 'refused', ...who, reason });
    }
    return sendRefusal(reply, refusal);
  }

  private addressOf({ raw }: FastifyRequest): string {
    return callerAddress(raw, this.options.behindProxy);
  }

  private refusedSender({ headers }: FastifyRequest): Refusal | undefined {
    const { allowedHosts, allowedOrigins } = this.options;
    const host = validateHostHeader(headers.host, [...allowedHosts]);
    if (!host.ok) {
      const next = 'Call by a host name that the operator has allowed.';
      return { status: 403, code: 'FORBIDDEN', message: host.message, next };
    }
    const origin = validateOriginHeader(headers.origin, [...allowedOrigins]);
    if (!origin.ok) {
      const next = 'Call from a web page whose origin the operator has allowed.';
      return { status: 403, code: 'FORBIDDEN', message: origin.message, next };
    }
    return undefined;
  }

  private async refusedToken(
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Refusal | undefined> {
    const { headers, raw } = request;
    const { openRequests, rates, verifier } = this.options;
    const token = BEARER.exec(headers.authorization ?? '')?.[1];
    const isKnown = token !== undefined && verifier.isKnown(token);
    const tooMany = isKnown ? undefined : rates.refusedUnknown(raw);
    if (tooMany !== undefined) return tooMany;
    if (token === undefined) return this.unauthenticated('there is no bearer token');
    const verification = await verifier.verify(token);
    switch (verification.verdict) {
      case 'valid': {
        const { claims, principal, client, login } = verification;
        const caller = { principal, client, login, address: this.addressOf(request) };
        if (!isKnown) rates.forgiveUnknown(raw);
        const refusal = rates.refusedPrincipal(principal);
        if (refusal !== undefined) return { ...refusal, caller };
        openRequests.add(reply.raw, claims);
        this.pass(raw, caller);
        return undefined;
      }
      case 'invalid':
        return this.unauthenticated(verification.reason, 'error="invalid_token", ');
      case 'undecided':
        return { status: 503, code: 'UNAVAILABLE', message: verification.reason };
    }
  }

  private unauthenticated(message: string, error = ''): Refusal {
    const scope = everydayScopes.join(' ');
    const challenge = `Bearer ${error}resource_metadata="${this.metadataUrl}", scope="${scope}"`;
    return { status: 401, code: 'UNAUTHENTICATED', message, challenge };
  }

  /** The token itself stops here: what comes after knows only whose it is. */
  private pass(request: IncomingMessage & { auth?: AuthInfo }, caller: Caller): void {
    const { principal } = caller;
    delete request.headers.authorization;
    request.auth = {
      token: '',
      clientId: principal.principal,
      scopes: [...scopesOf(principal)],
      resourceMetadataUrl: this.metadataUrl,
      extra: { caller, httpVersion: request.httpVersion },
    };
  }
}

/** How to get a token can't need one. */
function isOpen(route = ''): boolean {
  return route.startsWith(WELL_KNOWN_PATH) || route.startsWith(ISSUER_METADATA_PATH);
}

export function callerOf(authInfo: AuthInfo | undefined): Caller {
  const caller = authInfo?.extra?.['caller'];
  if (caller === undefined) throw new Error('a request came past the guard');
  return caller as Caller;
}

export function principalOf(authInfo: AuthInfo | undefined): Principal {
  return callerOf(authInfo).principal;
}

export function httpVersionOf(authInfo: AuthInfo | undefined): string | undefined {
  return authInfo?.extra?.['httpVersion'] as string | undefined;
}

/** Tells programs of one person apart. Opaque; the same for all requests of a login. */
export function programOf(authInfo: AuthInfo | undefined): string {
  const { client, login } = callerOf(authInfo);
  return JSON.stringify([client, login]);
}
