import type { Adapter, AdapterFactory } from 'oidc-provider';
import { hashSecret, newSecret, secretMatches } from '../clients/client-secret.js';
import type { ClientRegistry } from '../clients/client-registry.js';

/** Name of the clients' own metadata that becomes claims of their tokens. */
export const ACCESS = 'access';

/** Clients come from the registry. Nothing else is stored: a signed token carries all that is known of it. */
export async function clientAdapter(clients: ClientRegistry): Promise<AdapterFactory> {
  const decoy = await hashSecret(newSecret());

  async function findClient(clientId: string) {
    const client = await clients.find(clientId);
    if (client === undefined) {
      // As long as a wrong secret takes, so that time does not tell which clients exist.
      await secretMatches('', decoy);
      return undefined;
    }
    const { secretHash, tenant, roles, accessTokenTtlSeconds } = client;
    return {
      client_id: clientId,
      client_secret: secretHash,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      [ACCESS]: { tenant, roles, accessTokenTtlSeconds },
    };
  }

  return (model) => (model === 'Client' ? { ...storesNothing, find: findClient } : storesNothing);
}

const storesNothing: Adapter = {
  upsert: refuse,
  find: refuse,
  findByUserCode: refuse,
  findByUid: refuse,
  consume: refuse,
  destroy: refuse,
  revokeByGrantId: refuse,
};

function refuse(): never {
  throw new Error('this server stores no tokens, sessions or grants');
}
