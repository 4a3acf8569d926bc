import { isIP } from 'node:net';
import { checkedLookup, OutboundRefusedError, type Resolve } from './checked-lookup.js';
import { isLoopbackAddress, isOwnAddress, isPublicAddress } from './public-address.js';

export interface OutboundGuardOptions {
  /** URLs that the operator wrote: one whose host is `localhost` or an address of an own network lets that be reached. */
  readonly written?: readonly string[];
  /** Whether every address may be reached. Default: false. */
  readonly allowPrivate?: boolean;
  /** How the operator allows what is refused, as the end of a sentence. */
  readonly advice: string;
  /** Default: the system's. */
  readonly resolve?: Resolve;
}

const LOCAL_NAME = /^(?:.+\.)?localhost$/;

/** Says which addresses may be connected to: those of the public internet, and what the operator's word allows. */
export class OutboundGuard {
  private readonly written: ReadonlySet<string>;
  /** For sockets; connects to nothing but what passed. */
  readonly lookup;

  constructor(private readonly options: OutboundGuardOptions) {
    this.written = new Set((options.written ?? []).map((url) => hostOf(new URL(url))));
    this.lookup = checkedLookup(
      (address, hostname) => this.check(address, hostname),
      options.resolve,
    );
  }

  /**
   * A literal address is connected to without being looked up.
   *
   * @throws OutboundRefusedError
   */
  checkUrl(url: URL): void {
    const host = hostOf(url);
    if (isIP(host) !== 0) this.check(host, host);
  }

  private check(address: string, host: string): void {
    if (this.options.allowPrivate === true || isPublicAddress(address)) return;
    if (this.written.has(host) && isMeant(address, host)) return;
    const what = isIP(host) === 0 ? `${host} has an address that` : host;
    throw new OutboundRefusedError(`${what} is not public; ${this.options.advice}`);
  }
}

/** Whether who writes the host surely means the address. */
function isMeant(address: string, host: string): boolean {
  return LOCAL_NAME.test(host)
    ? isLoopbackAddress(address)
    : isIP(host) !== 0 && isOwnAddress(address);
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').toLowerCase();
}
