import { Trouble } from '../ending/trouble.js';
import type { BackupFooter } from './backup-lines.js';
import type { TrustedKey } from './signing-key.js';

/** Whose backups are taken. */
export interface Trust {
  readonly keys: readonly TrustedKey[];
  /** Takes one that nobody known vouches for. */
  readonly unsigned: boolean;
}

/** @throws Trouble when nobody who is trusted vouches for the backup */
export function requireTrusted(footer: BackupFooter, { keys, unsigned }: Trust): void {
  const { signature } = footer;
  if (signature === undefined) {
    if (unsigned) return;
    throw refused('The backup is not signed: anybody may have made or changed it.', UNSIGNED);
  }
  const key = keys.find(({ fingerprint }) => fingerprint === signature.key);
  if (key === undefined) {
    if (unsigned) return;
    throw refused(
      `The backup is signed with a key that is not known here: ${signature.key}.`,
      `Name the public half of that installation's key with --key FILE. ${UNSIGNED}`,
    );
  }
  if (!key.vouchesFor(footer, signature)) {
    throw refused('The backup was altered after it was signed: its signature does not fit.');
  }
}

const UNSIGNED = 'If you know where it comes from: --unsigned.';

function refused(message: string, next?: string): Trouble {
  return new Trouble(message, { next: ['Nothing was changed.', next].filter(Boolean).join(' ') });
}
