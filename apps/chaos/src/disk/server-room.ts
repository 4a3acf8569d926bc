import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

const STREAM = 'FILLING';
const SUBJECT = 'chaos.filling';
const MIB = 1024 * 1024;
const PIECE = new Uint8Array(MIB / 2);
const AT_ONCE = 8;
const ANSWER_LIMIT_MS = 5_000;
const PAUSE_MS = 50;
/** What a server says that has no room. */
const NO_ROOM = new Set([10_023, 10_047, 10_077]);

interface Answer {
  readonly error?: { readonly err_code?: number };
}

/** The configuration of one server with so much room on its disk and no more. @throws Error when it keeps nothing */
export function withRoom(configuration: string, mib: number): string {
  const limited = configuration.replace(
    'jetstream { ',
    `jetstream { max_file_store: ${mib * MIB}, `,
  );
  if (limited === configuration) throw new Error('a configuration without JetStream');
  return limited;
}

/** Limits what the one server may keep. It holds once the server is started anew. */
export async function limitRoom(dataFolder: string, mib: number): Promise<void> {
  const file = join(dataFolder, 'nats-server.conf');
  await writeFile(file, withRoom(await readFile(file, 'utf8'), mib));
}

export interface Filling {
  /** Resolves when the server has refused something for want of room. */
  readonly full: Promise<void>;
  /** Gives the room back; resolves when it is there again. */
  readonly end: () => Promise<void>;
}

/** Takes all the room that a server has, and what becomes free, until it is ended. */
export function fillRoom(operator: NatsConnection): Filling {
  const full = Promise.withResolvers<void>();
  const over = new AbortController();
  const filled = keepFull(operator, full.resolve, over.signal);
  return {
    full: full.promise,
    end: () => {
      over.abort();
      return filled;
    },
  };
}

async function keepFull(
  operator: NatsConnection,
  onFull: () => void,
  over: AbortSignal,
): Promise<void> {
  const manager = await jetstreamManager(operator, { checkAPI: false });
  const { Limits: retention } = RetentionPolicy;
  const stream = { name: STREAM, subjects: [SUBJECT], storage: StorageType.File, retention };
  await untilDone(() => manager.streams.add(stream));
  while (!over.aborted) {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => put(operator)));
    if (!answers.includes('full')) continue;
    onFull();
    // What others give up is room again.
    await sleep(PAUSE_MS);
  }
  await untilDone(() => manager.streams.delete(STREAM));
}

/** Whether a server takes nothing more: what it says to a message for a stream that is there. */
async function put(operator: NatsConnection): Promise<'stored' | 'full' | 'no answer'> {
  try {
    const answer = await operator.request(SUBJECT, PIECE, { timeout: ANSWER_LIMIT_MS });
    const code = answer.json<Answer>().error?.err_code;
    if (code === undefined) return 'stored';
    return NO_ROOM.has(code) ? 'full' : 'no answer';
  } catch {
    await sleep(PAUSE_MS);
    return 'no answer';
  }
}

async function untilDone(work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch {
      await sleep(PAUSE_MS);
    }
  }
}
