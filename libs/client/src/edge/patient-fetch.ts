import { pause } from './pause.js';

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

export interface PatientFetchOptions {
  readonly fetch: Fetch;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<unknown>;
}

const TOO_MANY = 429;
const PATIENCE_MS = 30_000;
const SHORTEST_MS = 1_000;

/**
 * Sends again what was one request too many, which was not looked at: safe for any call. After 30 s of waiting in all, or
 * where it would take longer, the refusal is the answer.
 */
export function patientFetch(options: Partial<PatientFetchOptions> = {}): Fetch {
  const { fetch: send = fetch, sleep = pause } = options;
  return async (url, init) => {
    let leftMs = PATIENCE_MS;
    for (;;) {
      const response = await send(url, init);
      const waitMs = response.status === TOO_MANY ? retryAfterMs(response) : 0;
      if (waitMs === 0 || waitMs > leftMs) return response;
      await response.body?.cancel();
      await sleep(waitMs, init?.signal ?? undefined);
      leftMs -= waitMs;
    }
  };
}

function retryAfterMs({ headers }: Response): number {
  const seconds = Number(headers.get('retry-after') ?? '');
  return Math.max(SHORTEST_MS, Number.isFinite(seconds) ? seconds * 1_000 : 0);
}
