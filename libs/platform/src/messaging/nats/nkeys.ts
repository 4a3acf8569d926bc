import { nkeys } from '@nats-io/transport-node';
import { Secret } from '../../runtime/secret.js';

/** A NATS user by key: the server knows the public half only. */
export interface Nkey {
  /** `SU…`, for `NATS_NKEY`. */
  readonly seed: Secret;
  /** `U…`, for the server's configuration. */
  readonly publicKey: string;
}

export function createNkey(): Nkey {
  return fromPair(nkeys.createUser());
}

/** @throws Error when the text is no seed of a user */
export function nkeyOfSeed(seed: string): Nkey {
  return fromPair(nkeys.fromSeed(new TextEncoder().encode(seed)));
}

function fromPair(pair: ReturnType<typeof nkeys.createUser>): Nkey {
  const seed = new Secret(new TextDecoder().decode(pair.getSeed()));
  return { seed, publicKey: pair.getPublicKey() };
}
