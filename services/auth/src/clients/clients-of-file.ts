import { stat } from 'node:fs/promises';
import type { Clock, Logger } from '@skynet/platform';
import { undefinedWhenMissing } from '../files/private-file.js';
import { readClients, type ClientOfFile } from './clients-file.js';

/** What happened to an entry, or to the file as a whole. */
export type FileChange =
  | { readonly what: 'added' | 'changed' | 'removed'; readonly client: ClientOfFile }
  | { readonly what: 'unreadable' };

const LOOK_EVERY_MS = 2_000;

/** The clients of the operator's file, which is read again whenever it has changed. */
export class ClientsOfFile {
  private clients: ReadonlyMap<string, ClientOfFile> = new Map();
  private readAs: string | undefined;
  private onEnd: (clientId: string) => void = () => undefined;
  private tell: (change: FileChange) => void = () => undefined;
  private cancelLook = (): void => undefined;

  constructor(
    private readonly file: string,
    private readonly log: Logger,
  ) {}

  /** Looks at the file all the time, and tells of each client that is gone or is not what it was. */
  async follow(
    clock: Pick<Clock, 'timer'>,
    onEnd: (clientId: string) => void,
    tell: (change: FileChange) => void = () => undefined,
  ): Promise<void> {
    await this.newest();
    this.tell = tell;
    this.onEnd = onEnd;
    const look = (): void => {
      this.cancelLook = clock.timer(LOOK_EVERY_MS, look);
      void this.newest();
    };
    look();
  }

  stop(): void {
    this.cancelLook();
  }

  async find(clientId: string): Promise<ClientOfFile | undefined> {
    return (await this.newest()).get(clientId);
  }

  async list(): Promise<readonly ClientOfFile[]> {
    return [...(await this.newest()).values()];
  }

  private async newest(): Promise<ReadonlyMap<string, ClientOfFile>> {
    const version = await versionOf(this.file);
    if (version !== this.readAs) await this.read(version);
    return this.clients;
  }

  /** A file with a mistake must not lock out everybody: the clients known before stay. */
  private async read(version: string): Promise<void> {
    this.readAs = version;
    try {
      const clients = await readClients(this.file);
      const before = this.clients;
      this.clients = new Map(clients.map((client) => [client.clientId, client]));
      for (const [clientId, was] of before) {
        const now = this.clients.get(clientId);
        if (isSame(was, now)) continue;
        this.tell({ what: now === undefined ? 'removed' : 'changed', client: now ?? was });
        this.onEnd(clientId);
      }
      for (const client of clients) {
        if (!before.has(client.clientId)) this.tell({ what: 'added', client });
      }
    } catch (error) {
      this.tell({ what: 'unreadable' });
      this.log.error('clients file not read, the clients before it stay', { error });
    }
  }
}

async function versionOf(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(undefinedWhenMissing);
  return found === undefined ? 'missing' : `${found.ino}:${found.size}:${found.mtimeNs}`;
}

function isSame(one: ClientOfFile, other: ClientOfFile | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
