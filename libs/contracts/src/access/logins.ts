const DAY_SECONDS = 24 * 60 * 60;

/** Longest life of a login and of a client that nobody uses. */
export const MAX_LOGIN_SECONDS = 30 * DAY_SECONDS;
