import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import { connectWithKey } from '../log/operator-connection.js';

const ANSWER_LIMIT_MS = 1_000;
const LOOK_AGAIN_MS = 250;

interface Health {
  readonly server: { readonly name: string };
  readonly data?: { readonly status: string };
}

/** Looks at the servers of a cluster and steers them, with the key to its servers. */
export class ServerControl {
  private constructor(private readonly connection: NatsConnection) {}

  static async connect(ready: {
    readonly nats: string;
    readonly dataDir: string;
  }): Promise<ServerControl> {
    const keyFile = join(ready.dataDir, 'keys/cluster/system.nk');
    return new ServerControl(await connectWithKey(ready.nats, keyFile, '_INBOX'));
  }

  /** Asks the leader of JetStream as a whole to let another server lead; false: nobody obeyed. */
  async stepDown(): Promise<boolean> {
    return asked(this.connection, '$JS.API.META.LEADER.STEPDOWN');
  }

  /** Whether each of them says within this time that all its copies are as new as those of the others. */
  async whenHealthy(servers: readonly string[], limitMs: number): Promise<boolean> {
    const giveUpMs = performance.now() + limitMs;
    for (;;) {
      const healthy = await this.#healthy(servers.length);
      if (servers.every((name) => healthy.has(name))) return true;
      if (performance.now() > giveUpMs) return false;
      await sleep(LOOK_AGAIN_MS);
    }
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  async #healthy(servers: number): Promise<Set<string>> {
    const healthy = new Set<string>();
    try {
      const options = { maxWait: ANSWER_LIMIT_MS, maxMessages: servers };
      const subject = '$SYS.REQ.SERVER.PING.HEALTHZ';
      for await (const answer of await this.connection.requestMany(subject, '', options)) {
        const { server, data } = answer.json<Health>();
        if (data?.status === 'ok') healthy.add(server.name);
      }
    } catch {
      // No server, or none in time.
    }
    return healthy;
  }
}

/** Whether there was an answer in time, and it was yes. */
export async function asked(connection: NatsConnection, subject: string): Promise<boolean> {
  try {
    const answer = await connection.request(subject, '', { timeout: ANSWER_LIMIT_MS });
    return answer.json<{ readonly success?: boolean }>().success === true;
  } catch {
    return false;
  }
}
