import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { DEVICE_KEPT_MS } from './known-devices.js';

/** What a secret of ours looks like; all else is not looked up. */
const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** Where cookies come from and go to. */
export interface CookieJar {
  readonly provider: Provider;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The secret that this browser got when the user logged in before. */
export function deviceSecret({ provider, request, response }: CookieJar, name: string) {
  const { cookies } = provider.createContext(request, response);
  const secret = cookies.get(cookieOf(name), { signed: false });
  return secret !== undefined && SECRET.test(secret) ? secret : undefined;
}

/** Secure where the issuer is, as the session's cookie. */
export function keepDeviceSecret(jar: CookieJar, name: string, secret: string): void {
  const { cookies } = jar.provider.createContext(jar.request, jar.response);
  cookies.set(cookieOf(name), secret, {
    httpOnly: true,
    maxAge: DEVICE_KEPT_MS,
    path: '/interaction',
    sameSite: 'lax',
    signed: false,
  });
}

/** One for each user of a browser: who shares it does not end what another one has. */
function cookieOf(name: string): string {
  return `_device_${hash('sha256', name, 'hex').slice(0, 16)}`;
}
