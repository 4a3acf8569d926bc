/** No configuration and no client gets longer tokens; a retired key is published for as long. */
export const MAX_ACCESS_TOKEN_TTL_SECONDS = 24 * 60 * 60;
