import { readFile, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { SkynetClient } from '@skynet/client';
import { ATTACHMENT_MAX_BYTES, type AttachmentShape } from '@skynet/contracts';
import { exitCodes, Trouble } from '../ending/trouble.js';

/** Of names that say more than the bytes; the edge looks at those first. */
const TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.html': 'text/html',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.mp3': 'audio/mpeg',
  '.svg': 'image/svg+xml',
  '.wav': 'audio/wav',
  '.xml': 'application/xml',
  '.yaml': 'application/yaml',
  '.yml': 'application/yaml',
};

/**
 * Brings files into the store of the server, all or, when one can't be read, none.
 *
 * @throws Trouble that names the file
 */
export async function uploadFiles(
  files: readonly string[],
  { files: server }: Pick<SkynetClient, 'files'>,
): Promise<AttachmentShape[]> {
  for (const file of files) await requireReadable(file);
  const uploaded: AttachmentShape[] = [];
  for (const file of files) {
    const mediaType = TYPES[extname(file).toLowerCase()];
    const bytes = await readFile(file);
    uploaded.push(await server.upload(bytes, { name: basename(file), mediaType }));
  }
  return uploaded;
}

async function requireReadable(file: string): Promise<void> {
  const found = await stat(file).catch((cause: Error) => {
    throw troubleWith(file, cause.message);
  });
  if (!found.isFile()) throw troubleWith(file, 'it is no file');
  if (found.size === 0) throw troubleWith(file, 'it is empty');
  if (found.size > ATTACHMENT_MAX_BYTES) {
    throw troubleWith(file, `it has ${found.size} bytes, and at most ${ATTACHMENT_MAX_BYTES} go`);
  }
}

function troubleWith(file: string, why: string): Trouble {
  return new Trouble(`${file} can't be attached: ${why}.`, {
    next: 'Nothing was sent.',
    exitCode: exitCodes.usage,
  });
}
