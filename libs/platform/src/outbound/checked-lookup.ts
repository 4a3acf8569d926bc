import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { causesOf } from '../runtime/causes.js';

/** Finds all addresses of a host. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** Why something outside is not reached. */
export class OutboundRefusedError extends Error {
  override readonly name = 'OutboundRefusedError';
}

/** What refused an error's request, when something here did; looked for in its causes. */
export function refusalIn(error: unknown): OutboundRefusedError | undefined {
  return causesOf(error).find((each) => each instanceof OutboundRefusedError);
}

/**
 * The look-up of a socket: what is checked here is what it connects to, so a name can't change its mind in between. One
 * address that does not pass refuses them all.
 */
export function checkedLookup(
  check: (address: string, hostname: string) => void,
  resolve: Resolve = resolveBySystem,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => {
        try {
          for (const { address } of found) check(address, hostname);
          const [first] = found;
          if (first === undefined) throw new OutboundRefusedError(`${hostname} has no address`);
          if (options.all === true) callback(null, [...found]);
          else callback(null, first.address, first.family);
        } catch (error) {
          callback(error as Error, '');
        }
      },
      (error: unknown) => callback(error as Error, ''),
    );
  };
}

function resolveBySystem(hostname: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true }, (error, found) =>
      error ? reject(error) : resolve(found),
    );
  });
}
