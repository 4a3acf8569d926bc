import type { IncomingMessage } from 'node:http';
import { everydayScopes, scopesOf, type Principal } from '@skynet/contracts';
import {
  validateHostHeader,
  validateOriginHeader,
  type AuthInfo,
} from '@modelcontextprotocol/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
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
    if (foreign !== undefined) return sendRefusal(reply, foreign);
    const answered = letPageRead(request, reply);
    if (answered !== undefined) return answered;
    const refusal = isOpen(route)
      ? this.options.rates.refusedUnknown(request.raw)
      : await this.refusedToken(request, reply);
    return refusal === undefined ? undefined : sendRefusal(reply, refusal);
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
    { headers, raw }: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Refusal | undefined> {
    const { openRequests, rates, verifier } = this.options;
    const token = BEARER.exec(headers.authorization ?? '')?.[1];
    const isKnown = token !== undefined && verifier.isKnown(token);
    const tooMany = isKnown ? undefined : rates.refusedUnknown(raw);
    if (tooMany !== undefined) return tooMany;
    if (token === undefined) return this.unauthenticated('there is no bearer token');
    const verification = await verifier.verify(token);
    switch (verification.verdict) {
      case 'valid': {
        const { claims, principal } = verification;
        if (!isKnown) rates.forgiveUnknown(raw);
        const refusal = rates.refusedPrincipal(principal);
        if (refusal !== undefined) return refusal;
        openRequests.add(reply.raw, claims);
        this.pass(raw, principal);
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
  private pass(request: IncomingMessage & { auth?: AuthInfo }, principal: Principal): void {
    delete request.headers.authorization;
    request.auth = {
      token: '',
      clientId: principal.principal,
      scopes: [...scopesOf(principal)],
      resourceMetadataUrl: this.metadataUrl,
      extra: { principal },
    };
  }
}

/** How to get a token can't need one. */
function isOpen(route = ''): boolean {
  return route.startsWith(WELL_KNOWN_PATH) || route.startsWith(ISSUER_METADATA_PATH);
}

export function principalOf(authInfo: AuthInfo | undefined): Principal {
  const principal = authInfo?.extra?.['principal'];
  if (principal === undefined) throw new Error('a request came past the guard');
  return principal as Principal;
}
