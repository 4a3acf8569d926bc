import { fetchToken } from '../stack/local-client.js';
import type { AdminApiOptions } from './admin-api.js';
import type { StoredConnection } from './connection-file.js';

/** Lets the owner of a data folder administer its stack. */
export function asOwner({
  issuer,
  dataDir,
}: Pick<StoredConnection, 'issuer' | 'dataDir'>): AdminApiOptions {
  return {
    issuer,
    tokenFor: async (resource) => (await fetchToken(dataDir, issuer, { resource })).token,
  };
}
