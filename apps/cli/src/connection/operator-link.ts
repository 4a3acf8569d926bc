import { readFile } from 'node:fs/promises';
import type { LeanPublisher, NatsLink } from '@skynet/platform/nats';
import type { StoredConnection } from './connection-file.js';

/** The NATS connection of who runs the system. */
export interface OperatorLink {
  readonly link: NatsLink;
  readonly publisher: LeanPublisher;
  close(): Promise<void>;
}

/** @throws WorldError when NATS is away or does not know the key */
export async function connectOperator({
  nats: url,
  natsKeyFile,
}: Pick<StoredConnection, 'nats' | 'natsKeyFile'>): Promise<OperatorLink> {
  // Takes half a second to load, which no other command shall pay.
  const platform = {
    ...(await import('@skynet/platform')),
    ...(await import('@skynet/platform/nats')),
  };
  const nkeySeed = new platform.Secret(await readFile(natsKeyFile, 'utf8'));
  const log = platform.silentLogger;
  const link = await platform.connectNats({ url, nkeySeed, name: 'operator', log });
  const publisher = new platform.LeanPublisher(link);
  return {
    link,
    publisher,
    async close() {
      publisher.close();
      await link.close();
    },
  };
}
