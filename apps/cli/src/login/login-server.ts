import { discoverOAuthServerInfo } from '@modelcontextprotocol/client';
import { everydayScopes } from '@skynet/contracts';
import { Trouble } from '../ending/trouble.js';
import { isSameResource } from './same-resource.js';

type ServerInfo = Awaited<ReturnType<typeof discoverOAuthServerInfo>>;
type Metadata = NonNullable<ServerInfo['authorizationServerMetadata']>;

/** Who logs people in for a server, as the server itself tells. */
export interface LoginServer {
  readonly issuer: string;
  readonly metadata: Metadata;
  /** What the token shall be for: the URL that the user gave. */
  readonly resource: string;
  /** What to ask for when nobody says. */
  readonly scopes: readonly string[];
}

/** Where people are sent, and what they bring back is. */
const ENDPOINTS = [
  'authorization_endpoint',
  'token_endpoint',
  'device_authorization_endpoint',
  'revocation_endpoint',
] as const;

/** @throws Trouble when the server does not tell, or would get a token that is for another one */
export async function findLoginServer(mcp: string): Promise<LoginServer> {
  const { authorizationServerMetadata: metadata, resourceMetadata } = await ask(mcp);
  if (metadata === undefined || resourceMetadata === undefined) {
    throw new Trouble(`The server at ${mcp} does not say who logs people in.`, {
      next: 'Check the URL; it ends in /mcp.',
    });
  }
  refuseOtherResource(mcp, resourceMetadata.resource);
  refuseOtherEndpoints(metadata);
  return {
    issuer: metadata.issuer,
    metadata,
    resource: resourceMetadata.resource,
    scopes: resourceMetadata.scopes_supported ?? everydayScopes,
  };
}

function refuseOtherResource(mcp: string, resource: string): void {
  if (isSameResource(mcp, resource)) return;
  throw new Trouble(`The server at ${mcp} asks for a token for ${resource}.`, {
    next: 'If that is the server you mean, log in with that URL; if not, do not use this one.',
  });
}

/** Else what is meant for one server could be had for another: a code, or what a person allows. */
function refuseOtherEndpoints(metadata: Metadata): void {
  const named: Readonly<Record<string, unknown>> = metadata;
  for (const endpoint of ENDPOINTS) {
    const url = named[endpoint];
    if (typeof url === 'string') refuseOtherOrigin(metadata.issuer, url);
  }
}

/** @throws Trouble when a URL that an issuer names is not on its own server */
export function refuseOtherOrigin(issuer: string, url: string): void {
  if (URL.parse(url)?.origin === new URL(issuer).origin) return;
  throw new Trouble(`${issuer} sends people and codes to another server: ${url}.`, {
    next: 'Ask the operator of the server which issuer is the right one.',
  });
}

async function ask(mcp: string): Promise<ServerInfo> {
  try {
    return await discoverOAuthServerInfo(mcp);
  } catch (cause) {
    throw new Trouble(`The server at ${mcp} does not say who logs people in.`, {
      next: 'Check the URL, and whether the server runs.',
      cause,
    });
  }
}
