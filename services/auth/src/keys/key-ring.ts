import { randomUUID } from 'node:crypto';
import type { Clock } from '@skynet/platform';
import { exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';
import { parseJsonFile } from '../files/json-file.js';
import { withFileLock } from '../files/file-lock.js';
import { readPrivateFile, writePrivateFile } from '../files/private-file.js';
import { keysStillNeeded, nextKeySignsFromMs } from './key-schedule.js';

export const SIGNING_ALGORITHM = 'ES256';

export const signingKeySchema = z.strictObject({
  kid: z.string().min(1),
  signsFromMs: z.int().nonnegative(),
  jwk: z.strictObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: z.string(),
    y: z.string(),
    d: z.string(),
  }),
});
export type SigningKey = z.infer<typeof signingKeySchema>;
export type SigningKeys = readonly [SigningKey, ...SigningKey[]];

const keyFileSchema = z.strictObject({ keys: z.tuple([signingKeySchema], signingKeySchema) });

export interface KeyRingOptions {
  readonly file: string;
  readonly rotationMs: number;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** The signing keys in a file. Rotated when they are asked for: keys that nobody uses need no timer. */
export class KeyRing {
  private keys: SigningKeys | undefined;
  private refreshing: Promise<SigningKeys> | undefined;

  constructor(private readonly options: KeyRingOptions) {}

  /** The same array until a key comes or goes. Safe to retry. */
  async current(): Promise<SigningKeys> {
    const nowMs = this.options.clock.nowMs();
    if (this.keys !== undefined && !this.isDue(this.keys, nowMs)) return this.keys;
    this.refreshing ??= this.refresh(nowMs).finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  private isDue(keys: SigningKeys, nowMs: number): boolean {
    return (
      nextKeySignsFromMs(keys, nowMs, this.options.rotationMs) !== undefined ||
      keysStillNeeded(keys, nowMs).length < keys.length
    );
  }

  private async refresh(nowMs: number): Promise<SigningKeys> {
    const { file } = this.options;
    this.keys = await withFileLock(file, () => this.brought(nowMs));
    return this.keys;
  }

  /** Replicas share the file: whoever comes first makes the key that is due, the others find it there. */
  private async brought(nowMs: number): Promise<SigningKeys> {
    const { file, rotationMs } = this.options;
    const stored = await readKeys(file);
    const keys = [...keysStillNeeded(stored, nowMs)];
    let signsFromMs = nextKeySignsFromMs(keys, nowMs, rotationMs);
    while (signsFromMs !== undefined) {
      keys.push(await newSigningKey(signsFromMs));
      signsFromMs = nextKeySignsFromMs(keys, nowMs, rotationMs);
    }
    const changed = keys.length !== stored.length || keys.at(-1) !== stored.at(-1);
    if (changed) await writePrivateFile(file, JSON.stringify({ keys }));
    return keyFileSchema.shape.keys.parse(keys);
  }
}

async function readKeys(file: string): Promise<readonly SigningKey[]> {
  const text = await readPrivateFile(file);
  if (text === undefined) return [];
  return parseJsonFile(file, text, keyFileSchema).keys;
}

export async function newSigningKey(signsFromMs: number): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  const { kty, crv, x, y, d } = await exportJWK(privateKey);
  return signingKeySchema.parse({ kid: randomUUID(), signsFromMs, jwk: { kty, crv, x, y, d } });
}
