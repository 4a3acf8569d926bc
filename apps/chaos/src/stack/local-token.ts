import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Secret {
  readonly clientId: string;
  readonly clientSecret: string;
}

const FRESH_MS = 10 * 60_000;

/** Tokens of the owner of a stack, a new one when the last has become old: a run may take longer than 15 minutes. */
export function localTokens(ready: {
  readonly issuer: string;
  readonly dataDir: string;
  readonly token: string;
}): () => Promise<string> {
  let token = ready.token;
  let untilMs = performance.now() + FRESH_MS;
  return async () => {
    if (performance.now() < untilMs) return token;
    const file = join(ready.dataDir, 'auth', 'local-client.json');
    const { clientId, clientSecret } = JSON.parse(await readFile(file, 'utf8')) as Secret;
    const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    const response = await fetch(`${ready.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    if (!response.ok) throw new Error(`auth gave no token: HTTP ${response.status}`);
    token = ((await response.json()) as { access_token: string }).access_token;
    untilMs = performance.now() + FRESH_MS;
    return token;
  };
}
