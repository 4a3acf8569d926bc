import { outboundFetch, OutboundGuard, type Resolve } from '@skynet/platform';
import { boundedFetch, type AnswerBounds } from '../wire/bounded-fetch.js';

/** Where requests go, as the operator wrote it. */
export interface WrittenUrl {
  readonly url: string;
  /** Whether its name may lead to an address that is not public. */
  readonly allowPrivate?: boolean;
}

/** Fetches that reach one URL each, and keep its connections for as long as it stays the same. */
export class GuardedReach {
  private latest: { readonly of: string; readonly fetch: typeof fetch } | undefined;

  constructor(
    /** Key of its entry in `providers` of the registry. */
    private readonly entry: string,
    private readonly options: { readonly bounds?: AnswerBounds; readonly resolve?: Resolve },
  ) {}

  fetchTo({ url, allowPrivate = false }: WrittenUrl): typeof fetch {
    const of = `${url} ${allowPrivate}`;
    if (this.latest?.of !== of) this.latest = { of, fetch: this.make(url, allowPrivate) };
    return this.latest.fetch;
  }

  private make(url: string, allowPrivate: boolean): typeof fetch {
    const { bounds, resolve } = this.options;
    const advice = `write allowPrivate: true in providers.${this.entry} of the registry if it may be reached`;
    const guard = new OutboundGuard({ written: [url], allowPrivate, advice, resolve });
    return boundedFetch(outboundFetch(guard), bounds);
  }
}
