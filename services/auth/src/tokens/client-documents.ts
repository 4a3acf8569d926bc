import type { GuardedFetch, Logger } from '@skynet/platform';
import type { StrangersClient } from '../clients/client-metadata.js';

/** How the library gets the document that describes a client; what is not taken over of it does not pass. */
export function documentFetch(
  guarded: GuardedFetch,
  strangersClient: StrangersClient,
  log: Logger,
): typeof fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : input.toString();
    try {
      const response = await guarded.get(url, init?.signal ?? undefined);
      if (response.status !== 200) return response;
      const client = strangersClient(await response.json());
      return Response.json(client, { headers: headersOf(response) });
    } catch (error) {
      log.warn('client document not taken', { url, error });
      throw error;
    }
  };
}

function headersOf(response: Response): Record<string, string> {
  const cacheControl = response.headers.get('cache-control');
  return cacheControl === null ? {} : { 'cache-control': cacheControl };
}
