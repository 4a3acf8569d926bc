import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Attempts } from '../login/attempts.js';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** What a device waits between two polls when nothing else was said (RFC 8628 §3.2), with room for a late one before. */
const SHORTEST_PAUSE_MS = 4_500;

/** The library lets a device poll as fast as it likes: one that does not wait is told to slow down (RFC 8628 §3.5). */
export function slowsDevicesDown(path: string, attempts: Attempts) {
  return async (context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    if (context.path !== path || !isPending(context)) return;
    const { device_code: code } = context.oidc.params ?? {};
    if (await attempts.isTooSoon(['poll', String(code)], SHORTEST_PAUSE_MS)) {
      context.body = { error: 'slow_down', error_description: 'wait longer between two polls' };
    }
  };
}

function isPending({ status, body, oidc }: KoaContextWithOIDC): boolean {
  if (status !== 400 || oidc.params?.['grant_type'] !== DEVICE_GRANT) return false;
  return (body as { error?: unknown } | undefined)?.error === 'authorization_pending';
}
