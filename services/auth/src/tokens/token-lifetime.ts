import { buckets } from '@skynet/contracts';

const DAY_SECONDS = 24 * 60 * 60;

/** A retired key is published for so long; cookies are signed by what comes of it. */
export const RETIRED_KEY_SECONDS = DAY_SECONDS;

export { MAX_LOGIN_SECONDS } from '@skynet/contracts';

/** How long a browser is remembered. */
export const SESSION_SECONDS = buckets.briefLogins.ttlMs / 1_000;
