const DAY_SECONDS = 24 * 60 * 60;

/** No configuration and no client gets longer tokens; a retired key is published for as long. */
export const MAX_ACCESS_TOKEN_TTL_SECONDS = DAY_SECONDS;

export { MAX_LOGIN_SECONDS } from '@skynet/contracts';

/** How long a browser is remembered. */
export const SESSION_SECONDS = DAY_SECONDS / 2;
