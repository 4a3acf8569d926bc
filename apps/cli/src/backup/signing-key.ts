import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  randomUUID,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from '../files/make-folder.js';
import { Trouble } from '../ending/trouble.js';
import type { BackupContent, BackupSignature } from './backup-lines.js';

const KIND = 'ed25519';

/** What a signature stands for: everything in the file, by its hash and what was counted. */
export interface Signed {
  readonly content: BackupContent;
  readonly sha256: string;
}

/** Signs for an installation. */
export interface SigningKey {
  /** Whether it was made just now. */
  readonly isNew: boolean;
  readonly publicFile: string;
  sign(signed: Signed): BackupSignature;
}

/** The public half of a key that may vouch for backups. */
export interface TrustedKey {
  readonly fingerprint: string;
  vouchesFor(signed: Signed, signature: BackupSignature): boolean;
}

/**
 * The key of this installation, made when there is none: its private half for the owner only, its public half beside it.
 *
 * @throws Trouble when the file holds something else
 */
export async function openSigningKey(file: string): Promise<SigningKey> {
  const isNew = (await readIfThere(file)) === undefined && (await makeKey(file));
  const key = parsed(file, await readFile(file, 'utf8'), createPrivateKey);
  const fingerprint = fingerprintOf(createPublicKey(key));
  return {
    isNew,
    publicFile: publicFileOf(file),
    sign: (signed) => ({
      key: fingerprint,
      ed25519: sign(null, bytesOf(signed), key).toString('base64'),
    }),
  };
}

/** Keys in files, each a private or a public half. A file that is not there is nobody's. */
export async function readTrustedKeys(files: readonly string[]): Promise<TrustedKey[]> {
  const keys: TrustedKey[] = [];
  for (const file of files) {
    const text = await readIfThere(file);
    if (text !== undefined) keys.push(trusted(parsed(file, text, createPublicKey)));
  }
  return keys;
}

/** `backup-key.pem` is beside `backup-key.pub.pem`. */
export function publicFileOf(file: string): string {
  return `${file.replace(/\.pem$/, '')}.pub.pem`;
}

function trusted(key: KeyObject): TrustedKey {
  return {
    fingerprint: fingerprintOf(key),
    vouchesFor: (signed, { ed25519 }) =>
      verify(null, bytesOf(signed), key, Buffer.from(ed25519, 'base64')),
  };
}

function bytesOf({ content, sha256 }: Signed): Buffer {
  return Buffer.from(`skynet-backup\n${JSON.stringify({ content, sha256 })}`);
}

function fingerprintOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** Of two that make one at the same time, the key of the first counts. */
async function makeKey(file: string): Promise<boolean> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)(KIND);
  await makeFolder(dirname(file));
  const mine = `${file}.${randomUUID()}`;
  await writeFile(mine, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  try {
    await link(mine, file);
    await writeFile(publicFileOf(file), publicKey.export({ type: 'spki', format: 'pem' }));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(mine, { force: true });
  }
}

function parsed(file: string, pem: string, parse: (pem: string) => KeyObject): KeyObject {
  try {
    const key = parse(pem);
    if (key.asymmetricKeyType === KIND) return key;
  } catch {
    // Told below: the words of the library could show what is in the file.
  }
  throw new Trouble(`${file} holds no key for backups.`, {
    next: 'It must be an Ed25519 key as PEM; docs/operations/backup.md says how it is made and moved.',
  });
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}
