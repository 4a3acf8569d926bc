import { readFile } from 'node:fs/promises';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';

/** A connection of our own, made with nothing but the vendor's client: what looks at the product shares no code with it. */
export async function connectAsOperator(ready: {
  readonly nats: string;
  readonly natsKeyFile: string;
}): Promise<NatsConnection> {
  const seed = (await readFile(ready.natsKeyFile, 'utf8')).trim();
  return connect({
    servers: ready.nats.split(','),
    name: 'chaos',
    inboxPrefix: '_INBOX.operator',
    authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
    reconnectJitter: 20,
    pingInterval: 1_500,
    maxPingOut: 2,
    ignoreClusterUpdates: false,
  });
}
