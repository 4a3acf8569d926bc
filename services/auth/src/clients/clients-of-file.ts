import { stat } from 'node:fs/promises';
import type { Logger } from '@skynet/platform';
import { undefinedWhenMissing } from '../files/private-file.js';
import { readClients, type ClientOfFile } from './clients-file.js';

/** The clients of the operator's file, which is read again whenever it has changed. */
export class ClientsOfFile {
  private clients: ReadonlyMap<string, ClientOfFile> = new Map();
  private readAs: string | undefined;

  constructor(
    private readonly file: string,
    private readonly log: Logger,
  ) {}

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
    } catch (error) {
      this.log.error('clients file not read, the clients before it stay', { error });
    }
  }
}

async function versionOf(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(undefinedWhenMissing);
  return found === undefined ? 'missing' : `${found.ino}:${found.size}:${found.mtimeNs}`;
}
