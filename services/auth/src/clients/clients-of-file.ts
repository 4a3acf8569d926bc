import { stat } from 'node:fs/promises';
import type { Clock, Logger } from '@skynet/platform';
import { undefinedWhenMissing } from '../files/private-file.js';
import { readClients, type ClientOfFile } from './clients-file.js';
import {
  changesBetween,
  toldOf,
  type EntryChange,
  type ToldClient,
  type ToldClients,
} from './told-clients.js';

/** What happened to an entry, or to the file as a whole. */
export type FileChange = EntryChange | { readonly what: 'unreadable' };

export interface FollowedFile {
  readonly clock: Pick<Clock, 'timer'>;
  readonly told: ToldClients;
  /** Called for a client that is gone or is not what it was. */
  readonly onEnd: (clientId: string) => void;
  /** Resolves when it is stored. */
  readonly tell: (change: FileChange) => Promise<void>;
}

const LOOK_EVERY_MS = 2_000;

/** The clients of the operator's file, which is read again whenever it has changed. */
export class ClientsOfFile {
  private clients: ReadonlyMap<string, ClientOfFile> = new Map();
  private readAs: string | undefined;
  private followed: FollowedFile | undefined;
  private toldLast: readonly ToldClient[] | undefined;
  private telling: Promise<void> = Promise.resolve();
  private cancelLook = (): void => undefined;

  constructor(
    private readonly file: string,
    private readonly log: Logger,
  ) {}

  /** Looks at the file all the time, and tells of each entry that is not what was told last, also by a process before. */
  async follow(followed: FollowedFile): Promise<void> {
    this.toldLast = await followed.told.load().catch((error: unknown) => {
      this.log.error('what was told of the clients file is not known any more', { error });
      return undefined;
    });
    this.followed = followed;
    this.readAs = undefined;
    await this.newest();
    const look = (): void => {
      this.cancelLook = followed.clock.timer(LOOK_EVERY_MS, look);
      void this.newest();
    };
    look();
  }

  async stop(): Promise<void> {
    this.cancelLook();
    await this.telling;
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
      this.clients = new Map(clients.map((client) => [client.clientId, client]));
      this.tellOf(toldOf(clients));
    } catch (error) {
      this.tell([{ what: 'unreadable' }]);
      this.log.error('clients file not read, the clients before it stay', { error });
    }
  }

  /** The first file that there ever was is what later ones are compared with. */
  private tellOf(now: readonly ToldClient[]): void {
    if (this.followed === undefined) return;
    const { told, onEnd } = this.followed;
    const changes = changesBetween(this.toldLast ?? now, now);
    const isKept = this.toldLast !== undefined && changes.length === 0;
    this.toldLast = now;
    for (const { what, client } of changes) if (what !== 'added') onEnd(client.clientId);
    this.tell(changes);
    if (!isKept) this.inTurn(() => told.keep(now));
  }

  private tell(changes: readonly FileChange[]): void {
    const { followed } = this;
    if (followed === undefined) return;
    const stored = Promise.all(changes.map((change) => followed.tell(change)));
    this.inTurn(() => stored);
  }

  /** No request waits for it. */
  private inTurn(work: () => Promise<unknown>): void {
    this.telling = this.telling.then(work).then(
      () => undefined,
      (error: unknown) =>
        this.log.error('what was told of the clients file is not kept', { error }),
    );
  }
}

async function versionOf(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(undefinedWhenMissing);
  return found === undefined ? 'missing' : `${found.ino}:${found.size}:${found.mtimeNs}`;
}
