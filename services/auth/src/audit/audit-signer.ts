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
import type { KeyRing, SigningKey } from '../keys/key-ring.js';
import { signingKey } from '../keys/key-schedule.js';

export interface AuditSignerOptions {
  readonly keyRing: KeyRing;
  /** Public keys that have ever signed; the signing keys themselves come and go. */
  readonly keysFile: string;
  /** Signatures once more, apart from the log: a line of JSON each. */
  readonly checkpointsFile: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly log: Logger;
}

/** Signs the chain with the key that signs tokens, and says so in a second and a third place. */
export class AuditSigner {
  private readonly kept = new Set<string>();

  constructor(private readonly options: AuditSignerOptions) {}

  /** The public key is kept before anything is signed with it. */
  async sign(tail: ChainTail): Promise<string> {
    const { keyRing, clock } = this.options;
    const nowMs = clock.nowMs();
    const key = signingKey(await keyRing.current(), nowMs);
    if (!this.kept.has(key.kid)) await this.keep(key);
    return signCheckpoint(tail, nowMs, key);
  }

  /** What was signed is in the chain now. */
  async tell({ seq, hash }: ChainTail, jws: string): Promise<void> {
    const { log, checkpointsFile: file } = this.options;
    log.info('audit checkpoint', { seq, hash, jws });
    try {
      await appendFile(file, `${JSON.stringify({ seq, jws })}\n`, { mode: 0o600 });
    } catch (error) {
      log.error('an audit checkpoint is kept in the log only', { file, error });
    }
  }

  /** Public keys of all signatures, as a JWK Set. */
  async keys(): Promise<AuditKeys> {
    const { keysFile } = this.options;
    const text = await readPrivateFile(keysFile);
    return text === undefined ? { keys: [] } : parseJsonFile(keysFile, text, auditKeysSchema);
  }

  private async keep({ kid, jwk: { kty, crv, x, y } }: SigningKey): Promise<void> {
    const { keysFile } = this.options;
    await withFileLock(keysFile, async () => {
      const { keys } = await this.keys();
      if (keys.some((key) => key.kid === kid)) return;
      const all: AuditKeys = { keys: [...keys, { kty, crv, kid, x, y }] };
      await writePrivateFile(keysFile, JSON.stringify(all));
    });
    this.kept.add(kid);
  }
}
