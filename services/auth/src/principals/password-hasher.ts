import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { passwordHashSchema } from '@skynet/contracts';
import { NarrowGate } from '../gate/narrow-gate.js';

interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

const COST: Cost = { N: 2 ** 17, r: 8, p: 1 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;
// Each takes 128 MiB and a thread: strangers must not be able to take them all.
const AT_ONCE = 2;
const MOST_WAITING = 32;

/** Hashes passwords so that guessing is dear; off the event loop, a few at the same time. */
export class PasswordHasher {
  private readonly gate = new NarrowGate(AT_ONCE, MOST_WAITING);
  private readonly decoy: string;

  constructor(private readonly cost: Cost = COST) {
    this.decoy = written(cost, randomBytes(SALT_BYTES), randomBytes(KEY_BYTES));
  }

  /** @throws OverloadedError when too many are waiting */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    return written(this.cost, salt, await this.derive(password, salt, this.cost));
  }

  /**
   * Whether the hash is that of the password. Without a hash it takes as long, so that time does not tell who exists.
   *
   * @throws OverloadedError when too many are waiting
   */
  async matches(password: string, hash: string | undefined): Promise<boolean> {
    const against = passwordHashSchema.parse(hash ?? this.decoy);
    const [, N, r, p, salt = '', key = ''] = against.split('$');
    const cost = { N: Number(N), r: Number(r), p: Number(p) };
    const derived = await this.derive(password, Buffer.from(salt, 'base64url'), cost);
    return timingSafeEqual(derived, Buffer.from(key, 'base64url')) && hash !== undefined;
  }

  private derive(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
    return this.gate.pass(() => scryptKey(password.normalize('NFKC'), salt, cost));
  }
}

function written({ N, r, p }: Cost, salt: Buffer, key: Buffer): string {
  return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

function scryptKey(password: string, salt: Buffer, { N, r, p }: Cost): Promise<Buffer> {
  const options = { N, r, p, maxmem: 256 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
