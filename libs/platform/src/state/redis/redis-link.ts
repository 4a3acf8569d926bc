import { createClient, ErrorReply, RESP_TYPES } from '@redis/client';
import { backoffMs } from '../../runtime/backoff.js';
import { systemClock, within, type Clock } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/logger.js';
import type { Secret } from '../../runtime/secret.js';
import { WorldError } from '../../runtime/world-error.js';
import type { RedisScript } from './redis-scripts.js';

/** Where Redis is. */
export interface RedisOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` with TLS. */
  readonly url: Secret;
  /** Shown in the server's list of connections. Default: skynet. */
  readonly name?: string;
  /** How long a server that is not there yet is waited for. Default: 30,000. */
  readonly startTimeoutMs?: number;
  readonly log: Logger;
  readonly clock?: Clock;
}

type Client = ReturnType<typeof clientOf>;

const START_TIMEOUT_MS = 30_000;
const CALL_TIMEOUT_MS = 5_000;
const RECONNECT_LIMIT_MS = 5_000;
const PAUSES = { firstMs: 20, longestMs: 1_000 };
const READ_TRIES = 3;
const REPLIES = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };

/** Two connections to Redis, one for commands and one that listens; both come back for ever. */
export class RedisLink {
  readonly #restored = new Set<() => void>();

  private constructor(
    private readonly commands: Client,
    private readonly listener: Client,
    readonly clock: Clock,
  ) {
    listener.on('ready', () => {
      for (const tell of this.#restored) tell();
    });
  }

  /**
   * Connects, waiting for a server that still starts.
   *
   * @throws WorldError `retry: 'later'` when no server answers in time, `'never'` when it refuses or the address is wrong
   */
  static async open(options: RedisOptions): Promise<RedisLink> {
    const { clock = systemClock } = options;
    const commands = clientOf(options);
    const listener = clientOf(options);
    try {
      await connected(options, commands);
      await connected(options, listener);
      return new RedisLink(commands, listener, clock);
    } catch (error) {
      for (const client of [commands, listener]) if (client.isOpen) client.destroy();
      throw error;
    }
  }

  /**
   * Runs a script once. @throws WorldError `retry: 'later'` when it is unknown whether it ran
   */
  async run(
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | Buffer)[],
  ): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await this.#send(['EVALSHA', script.sha1, ...rest]);
    } catch (error) {
      const cause = error instanceof WorldError ? error.cause : undefined;
      if (!(cause instanceof ErrorReply) || !cause.message.startsWith('NOSCRIPT')) throw error;
      return this.#send(['EVAL', script.text, ...rest]);
    }
  }

  /** The outcome of something that only reads, tried again when the connection is lost meanwhile. */
  async read<Result>(read: () => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await read();
      } catch (error) {
        if (tries >= READ_TRIES || this.commands.isReady) throw error;
      }
    }
  }

  async get(key: string): Promise<Buffer | undefined> {
    const reply = await this.read(() => this.#send(['GET', key]));
    return reply instanceof Buffer ? reply : undefined;
  }

  /** Hears what is published on the channel from now on, but for the time that the connection is lost. */
  async listen(channel: string, hear: (message: Buffer) => void): Promise<() => Promise<void>> {
    await this.#answered(this.listener, () => this.listener.subscribe(channel, hear, true));
    return async () => {
      if (this.listener.isReady) await this.listener.unsubscribe(channel, hear, true);
    };
  }

  /** Calls each time that listening goes on after it was lost. */
  onRestored(tell: () => void): () => void {
    this.#restored.add(tell);
    return () => this.#restored.delete(tell);
  }

  close(): void {
    for (const client of [this.commands, this.listener]) if (client.isOpen) client.destroy();
  }

  #send(command: readonly (string | Buffer)[]): Promise<unknown> {
    return this.#answered(this.commands, () => this.commands.sendCommand(command, REPLIES));
  }

  async #answered<Result>(client: Client, call: () => Promise<Result>): Promise<Result> {
    const late = () => new Error(`no answer in ${CALL_TIMEOUT_MS} ms`);
    try {
      if (!client.isReady) await this.#whenReady(client);
      return await within(this.clock, CALL_TIMEOUT_MS, call(), late);
    } catch (error) {
      throw new WorldError("Redis can't do it now", 'later', { cause: error });
    }
  }

  async #whenReady(client: Client): Promise<void> {
    const late = () => new Error(`no connection in ${RECONNECT_LIMIT_MS} ms`);
    if (!client.isOpen) throw new Error('the connection is closed');
    let ready = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (ready = resolve));
    client.once('ready', ready);
    try {
      await within(this.clock, RECONNECT_LIMIT_MS, waiting, late);
    } finally {
      client.off('ready', ready);
    }
  }
}

function clientOf({ url, name = 'skynet', log }: RedisOptions) {
  const life = { hasBegun: false };
  try {
    const client = createClient({
      url: url.reveal(),
      name,
      disableOfflineQueue: true,
      socket: {
        reconnectStrategy: (tries, cause) =>
          !life.hasBegun && isRefusal(cause) ? cause : backoffMs(tries, PAUSES),
      },
    });
    client.once('ready', () => (life.hasBegun = true));
    client.on('error', (error: unknown) =>
      log.warn('connection to Redis failed', { error: String(error) }),
    );
    return client;
  } catch {
    // The error of the client shows the address, and the password in it.
    throw new WorldError(
      'the address of Redis is not of the form redis://user:password@host:6379/0',
      'never',
    );
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ErrorReply && /^(WRONGPASS|NOAUTH|NOPERM)/.test(error.message);
}

async function connected(options: RedisOptions, client: Client): Promise<void> {
  const { clock = systemClock, startTimeoutMs = START_TIMEOUT_MS } = options;
  const message = `no Redis after ${startTimeoutMs / 1_000} s: check that it runs and that STATE_STORE_URL names it`;
  const late = () => new WorldError(message, 'later');
  try {
    await within(clock, startTimeoutMs, client.connect(), late);
  } catch (error) {
    if (error instanceof WorldError) throw error;
    throw new WorldError('Redis refuses the connection', 'never', { cause: error });
  }
}
