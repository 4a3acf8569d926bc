import { appendFile } from 'node:fs/promises';
import type { Clock, Logger } from '@skynet/platform';
import {
  auditKeysSchema,
  signCheckpoint,
  type AuditKeys,
  type ChainTail,
} from '@skynet/platform/audit';
import { withFileLock } from '../files/file-lock.js';
import { parseJsonFile } from '../files/json-file.js';
import { readPrivateFile, writePrivateFile } from '../files/private-file.js';
import { newSigningKey, signingKeySchema, type SigningKey } from '../keys/key-ring.js';

export interface AuditSignerOptions {
  /** The key that signs. Not that of tokens: who keeps its public half can verify for years. */
  readonly keyFile: string;
  /** Public keys that have ever signed. */
  readonly publicKeysFile: string;
  /** Signatures once more, apart from the log: a line of JSON each. */
  readonly checkpointsFile: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly log: Logger;
}

/** Signs the chain, and says so in a second and a third place. Replicas share the files. */
export class AuditSigner {
  private key: Promise<SigningKey> | undefined;

  constructor(private readonly options: AuditSignerOptions) {}

  async sign(tail: ChainTail): Promise<string> {
    return signCheckpoint(tail, this.options.clock.nowMs(), await this.ownKey());
  }

  /** What was signed is in the chain now. */
  async tell({ seq, hash }: ChainTail, jws: string): Promise<void> {
    const { log, checkpointsFile: file } = this.options;
    log.info('audit checkpoint', { seq, hash, jws });
    try {
      await appendFile(file, `${JSON.stringify({ seq, jws })}\n`, { mode: 0o600 });
    } catch (error) {
      log.error('an audit checkpoint is not kept apart from the log', { file, error });
    }
  }

  /** Public keys of all signatures, as a JWK Set, that of the next one among them. */
  async publicKeys(): Promise<AuditKeys> {
    await this.ownKey();
    return this.keptKeys();
  }

  private ownKey(): Promise<SigningKey> {
    if (this.key === undefined) {
      this.key = withFileLock(this.options.keyFile, () => this.readOrMake());
      this.key.catch(() => (this.key = undefined));
    }
    return this.key;
  }

  /** The public half is kept before anything is signed. */
  private async readOrMake(): Promise<SigningKey> {
    const { keyFile, publicKeysFile, clock } = this.options;
    const text = await readPrivateFile(keyFile);
    const key =
      text === undefined
        ? await newSigningKey(clock.nowMs())
        : parseJsonFile(keyFile, text, signingKeySchema);
    const { keys } = await this.keptKeys();
    if (!keys.some(({ kid }) => kid === key.kid)) {
      const { kty, crv, x, y } = key.jwk;
      const all: AuditKeys = { keys: [...keys, { kty, crv, kid: key.kid, x, y }] };
      await writePrivateFile(publicKeysFile, JSON.stringify(all));
    }
    if (text === undefined) await writePrivateFile(keyFile, JSON.stringify(key));
    return key;
  }

  private async keptKeys(): Promise<AuditKeys> {
    const { publicKeysFile } = this.options;
    const text = await readPrivateFile(publicKeysFile);
    return text === undefined ? { keys: [] } : parseJsonFile(publicKeysFile, text, auditKeysSchema);
  }
}
