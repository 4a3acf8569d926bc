import { readPlatformSettings, silentLogger as log, type PlatformSettings } from '@skynet/platform';
import { connectNats, createNkey, type NatsLink } from '@skynet/platform/nats';
import { natsAuthorization, natsUsers, type NatsUser } from '@skynet/platform/operations';
import { startNatsServer } from './nats-server.js';

/** A nats-server that knows our users and their permissions, and nobody else. */
export interface KeyedNatsServer {
  readonly url: string;
  /** With the key of the operator. */
  readonly settings: PlatformSettings;
  connectAs(user: NatsUser): Promise<NatsLink>;
  /** What the server answers to a publish of each of these subjects that it does not let through. */
  refusals(user: NatsUser, subjects: readonly string[]): Promise<readonly string[]>;
  /** Closes all connections, too. */
  stop(): Promise<void>;
}

export async function startKeyedNatsServer(): Promise<KeyedNatsServer> {
  const keys = new Map(natsUsers.map((user) => [user, createNkey()]));
  const keyOf = (user: NatsUser) => keys.get(user) ?? createNkey();
  const users = Object.fromEntries(natsUsers.map((user) => [user, keyOf(user).publicKey]));
  const configuration = natsAuthorization(users as Record<NatsUser, string>);
  const server = await startNatsServer({ configuration });
  const { url } = server;
  const links: NatsLink[] = [];
  const connectAs = async (user: NatsUser) => {
    const link = await connectNats({ url, name: user, nkeySeed: keyOf(user).seed, log });
    links.push(link);
    return link;
  };
  return {
    url,
    settings: readPlatformSettings({ NATS_URL: url, NATS_NKEY: keyOf('operator').seed.reveal() }),
    connectAs,
    refusals: async (user, subjects) => refusalsOn(await connectAs(user), subjects),
    async stop() {
      await Promise.all(links.map((link) => link.close()));
      await server.stop();
    },
  };
}

async function refusalsOn(
  { connection }: NatsLink,
  subjects: readonly string[],
): Promise<readonly string[]> {
  const errors: string[] = [];
  const watching = (async () => {
    for await (const status of connection.status()) {
      if (status.type === 'error') errors.push(status.error.message);
    }
  })();
  for (const subject of subjects) connection.publish(subject, '{}');
  await connection.flush();
  await connection.flush();
  await connection.close();
  await watching;
  return errors;
}
