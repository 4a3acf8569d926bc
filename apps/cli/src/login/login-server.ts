import { discoverOAuthServerInfo } from '@modelcontextprotocol/client';
import { everydayScopes } from '@skynet/contracts';
import { Trouble } from '../trouble.js';

type ServerInfo = Awaited<ReturnType<typeof discoverOAuthServerInfo>>;
type Metadata = NonNullable<ServerInfo['authorizationServerMetadata']>;

/** Who logs people in for a server, as the server itself tells. */
export interface LoginServer {
  readonly issuer: string;
  readonly metadata: Metadata;
  /** What the token shall be for. */
  readonly resource: string;
  /** What to ask for when nobody says. */
  readonly scopes: readonly string[];
}

/** @throws Trouble when the server does not tell */
export async function findLoginServer(mcp: string): Promise<LoginServer> {
  const { authorizationServerMetadata: metadata, resourceMetadata } = await ask(mcp);
  if (metadata === undefined || resourceMetadata === undefined) {
    throw new Trouble(`The server at ${mcp} does not say who logs people in.`, {
      next: 'Check the URL; it ends in /mcp.',
    });
  }
  return {
    issuer: metadata.issuer,
    metadata,
    resource: resourceMetadata.resource,
    scopes: resourceMetadata.scopes_supported ?? everydayScopes,
  };
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
