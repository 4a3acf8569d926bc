import type { Act } from '@skynet/platform';
import { oauthRoutes } from '../routes/oauth-routes.js';

/** What is wanted at the doors that strangers may knock at. */
const WANTED: Readonly<Record<string, string>> = {
  [oauthRoutes.authorization]: 'consent',
  [oauthRoutes.device_authorization]: 'token',
  [oauthRoutes.code_verification]: 'login',
  [oauthRoutes.registration]: 'client-registration',
};
const REASONS: Readonly<Record<number, string>> = {
  403: 'the page of another site may not do this',
  413: 'the request is too long',
  429: 'too many requests from this address',
};

/** The act that was refused with this status; undefined when nothing was. */
export function actAtDoor(route: string | undefined, status: number): Act | undefined {
  const [act, reason] = [WANTED[route ?? ''], REASONS[status]];
  if (act === undefined || reason === undefined) return undefined;
  return { act, outcome: 'refused', reason };
}
