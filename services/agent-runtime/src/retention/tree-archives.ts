import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WorldError, type EventStore, type PayloadStore } from '@skynet/platform';
import { readArchive } from '../archive/read-archive.js';
import { writeArchive } from '../archive/write-archive.js';
import type { EndedTree } from './ended-trees.js';

export interface ArchiveSource {
  readonly store: Pick<EventStore, 'read'>;
  readonly payloads: PayloadStore;
}

/** Archives of trees that are forgotten, a folder for each tenant, as `skynet export` writes them. */
export class TreeArchives {
  constructor(
    private readonly source: ArchiveSource,
    private readonly folder: string,
  ) {}

  /**
   * Resolves when all of the tree is on the disk. Safe to retry: the same tree has the same file.
   *
   * @throws ArchiveError when a payload of it is missing
   * @throws WorldError `retry: 'later'` when an agent of it was not found in the log
   */
  async keep(tree: EndedTree): Promise<void> {
    const { rootId, streams, tenant, lastMs } = tree;
    const text = await writeArchive(this.source, tree);
    const { agents } = readArchive(text).header;
    if (agents !== streams.length) {
      const message = `${agents} of ${streams.length} agents of the tree ${rootId} were found`;
      throw new WorldError(message, 'later');
    }
    const folder = join(this.folder, tenant);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Who sends the same spawn again, after its tree was forgotten, gets a tree with the same id.
    await writeWhole(folder, `${rootId}-${lastMs}.ndjson`, text);
  }
}

/** The file has its name only when all of it is on the disk. */
async function writeWhole(folder: string, name: string, text: string): Promise<void> {
  const unfinished = join(folder, `.${randomUUID()}`);
  try {
    await synced(unfinished, 'wx', (file) => file.writeFile(text));
    await rename(unfinished, join(folder, name));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await synced(folder, 'r');
}

type OpenFile = Awaited<ReturnType<typeof open>>;

async function synced(
  path: string,
  flags: string,
  write: (file: OpenFile) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await write(file);
    await file.sync();
  } finally {
    await file.close();
  }
}
