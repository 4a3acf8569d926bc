import { z } from 'zod';

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Schemes that run something, read local files or belong to the web: never a program's own. */
const NOBODYS_OWN: ReadonlySet<string> = new Set([
  ...['javascript', 'vbscript', 'data', 'blob', 'file', 'filesystem', 'about', 'view-source'],
  ...['http', 'https', 'ws', 'wss', 'ftp', 'mailto', 'tel', 'sms', 'intent', 'jar'],
]);

/** A scheme that a program on the user's computer may own, as `cursor`. */
export const ownSchemeSchema = z
  .string()
  .regex(/^[a-z][a-z0-9+.-]{1,63}$/, 'expected a scheme without a colon, as cursor')
  .refine((scheme) => !NOBODYS_OWN.has(scheme), { error: 'this scheme is never a program’s own' });

/** Where a redirect leads. */
export type Destination =
  | { readonly kind: 'web'; readonly host: string }
  /** A program on the machine that the browser runs on. */
  | { readonly kind: 'loopback'; readonly host: string }
  /** Whatever program there opens links of this scheme. */
  | { readonly kind: 'own-scheme'; readonly scheme: string };

export function destinationOf(uri: string): Destination | undefined {
  const url = URL.parse(uri);
  if (url === null) return undefined;
  const { protocol, hostname, host } = url;
  if (protocol !== 'http:' && protocol !== 'https:') {
    return { kind: 'own-scheme', scheme: protocol.slice(0, -1) };
  }
  return { kind: LOOPBACK_HOSTS.has(hostname) ? 'loopback' : 'web', host };
}

/** Told by where a client is called back, whatever it says: only a native one may listen on whatever port is free. */
export function applicationTypeOf(redirectUris: unknown): 'web' | 'native' {
  const uris = Array.isArray(redirectUris) ? redirectUris : [];
  const isNative = uris.some((uri) => destinationOf(String(uri))?.kind !== 'web');
  return isNative ? 'native' : 'web';
}

/** What is wrong with a stranger's redirect; undefined when nothing is. */
export function flawOf(uri: string, ownSchemes: readonly string[]): string | undefined {
  const url = URL.parse(uri);
  const destination = destinationOf(uri);
  if (url === null || destination === undefined) return 'redirect_uris must be URIs';
  if (url.username !== '' || url.password !== '' || url.href.includes('#')) {
    return 'redirect_uris must have no fragment and no user';
  }
  switch (destination.kind) {
    case 'web':
      return url.protocol === 'https:'
        ? undefined
        : 'redirect_uris must be https, or http on a loopback host';
    case 'loopback':
      return url.protocol === 'http:' ? undefined : 'redirect_uris on a loopback host must be http';
    case 'own-scheme':
      return ownSchemes.includes(destination.scheme)
        ? undefined
        : `redirect_uris: the scheme ${destination.scheme} is none that this server allows (${listOf(ownSchemes)})`;
  }
}

function listOf(schemes: readonly string[]): string {
  return schemes.length === 0 ? 'it allows none' : schemes.join(', ');
}
