import type { IncomingMessage } from 'node:http';
import { OverloadedError } from '@skynet/platform';
import { errors, Provider } from 'oidc-provider';
import { hashSecret, matchesOneOf, newSecret } from '../clients/client-secret.js';
import { NarrowGate } from '../gate/narrow-gate.js';
import type { AttemptLimit, Attempts } from './attempts.js';

export interface SecretLoginOptions {
  readonly attempts: Attempts;
  readonly addressOf: (request: IncomingMessage) => string;
}

const LONGEST_WAIT_MS = 15 * 60_000;
/** By client and address: nobody elsewhere keeps a client out. Free tries for processes that begin together. */
const OF_CLIENT: AttemptLimit = { free: 30, longestWaitMs: LONGEST_WAIT_MS };
/** Guessing at many clients from one address; the right secret takes back its own try only. */
const OF_ADDRESS: AttemptLimit = { free: 100, longestWaitMs: LONGEST_WAIT_MS };
// Each takes 16 MiB and a thread.
const AT_ONCE = 4;
const MOST_WAITING = 64;

/** Says who has the secret of a client. Tries count before they are made, and only a few are made at a time. */
export class SecretLogin {
  private readonly gate = new NarrowGate(AT_ONCE, MOST_WAITING);

  private constructor(
    private readonly options: SecretLoginOptions,
    private readonly decoy: string,
  ) {}

  static async open(options: SecretLoginOptions): Promise<SecretLogin> {
    return new SecretLogin(options, await hashSecret(newSecret()));
  }

  /** @throws OIDCProviderError when too many were tried */
  async matches(clientId: string, secret: string, hashes: readonly string[]): Promise<boolean> {
    const { attempts } = this.options;
    const { ofClient, ofAddress } = this.countersOf(clientId);
    const waitMs =
      (await attempts.begin(ofClient, OF_CLIENT)) || (await attempts.begin(ofAddress, OF_ADDRESS));
    if (waitMs > 0) throw tooMany(waitMs);
    const isRight = await this.compared(secret, hashes);
    if (isRight) await Promise.all([attempts.forget(ofClient), attempts.takeBack(ofAddress)]);
    return isRight;
  }

  /**
   * Takes as long, and costs as much, as a wrong secret, so that neither tells which clients exist. Nothing where no
   * secret is asked for.
   */
  async matchNothing(clientId: string): Promise<void> {
    const { headers, method } = Provider.ctx?.req ?? {};
    const isAsked = method === 'POST' && headers?.authorization !== undefined;
    const body = Provider.ctx?.oidc.body as { client_secret?: unknown } | undefined;
    if (isAsked || body?.client_secret !== undefined) {
      await this.matches(clientId, '', [this.decoy]);
    }
  }

  private async compared(secret: string, hashes: readonly string[]): Promise<boolean> {
    try {
      return await this.gate.pass(() => matchesOneOf(secret, hashes));
    } catch (error) {
      throw error instanceof OverloadedError ? tooMany(1_000) : error;
    }
  }

  private countersOf(clientId: string) {
    const request = Provider.ctx?.req;
    const address = request === undefined ? 'unknown' : this.options.addressOf(request);
    return {
      ofClient: ['secret', clientId.slice(0, 200), address],
      ofAddress: ['secrets', address],
    };
  }
}

function tooMany(waitMs: number): Error {
  Provider.ctx?.set('retry-after', String(Math.ceil(waitMs / 1_000)));
  const description = 'too many tries, wait as long as Retry-After says';
  const error = new errors.CustomOIDCProviderError('temporarily_unavailable', description);
  return Object.assign(error, { status: 429, statusCode: 429 });
}
