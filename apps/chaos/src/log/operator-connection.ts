import { readFile } from 'node:fs/promises';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';

interface Ready {
  readonly nats: string;
  readonly natsKeyFile: string;
}

/** A connection of our own, made with nothing but the vendor's client: what looks at the product shares no code with it. */
export async function connectAsOperator({ nats, natsKeyFile }: Ready): Promise<NatsConnection> {
  return connectWithKey(nats, natsKeyFile, '_INBOX.operator');
}

/** @param nats addresses of the servers, separated by commas */
export async function connectWithKey(
  nats: string,
  keyFile: string,
  inboxPrefix: string,
): Promise<NatsConnection> {
  const seed = (await readFile(keyFile, 'utf8')).trim();
  return connect({
    servers: nats.split(','),
    name: 'chaos',
    inboxPrefix,
    authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
    reconnectJitter: 20,
    pingInterval: 1_500,
    maxPingOut: 2,
    ignoreClusterUpdates: false,
  });
}
