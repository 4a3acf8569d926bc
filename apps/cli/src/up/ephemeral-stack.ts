import { SkynetClient } from '@skynet/client';
import { renewStored } from '../connection/connection.js';
import { aborted, listenForInterruption } from '../ending/interruption.js';
import { startStack, type RunningStack, type StackOptions } from '../stack/stack.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';

export interface EphemeralStack {
  readonly stack: RunningStack;
  readonly client: SkynetClient;
  /** Aborted at Ctrl-C. */
  readonly signal: AbortSignal;
}

interface Wishes extends Partial<Pick<StackOptions, 'registry' | 'slots'>> {
  /** Servers of NATS. Default: 1. */
  readonly servers?: number;
}

const ONE_OF_EACH = { edges: 1, runtimes: 1, schedulers: 1 };

/** Runs a stack for the length of the work and leaves nothing of it, also at Ctrl-C. */
export async function withEphemeralStack(
  { config, terminal }: Surroundings,
  wishes: Wishes,
  work: (ephemeral: EphemeralStack) => Work,
): Work {
  let stack: RunningStack | undefined;
  let client: SkynetClient | undefined;
  const { signal } = listenForInterruption(() => {
    stack?.kill();
    process.exit(exitCodes.trouble);
  });
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined);
  const options: StackOptions = {
    ...wishes,
    replicas: { ...ONE_OF_EACH, servers: wishes.servers },
    ports: 'free',
    restart: false,
    onChange: ({ process, detail }) => broken.reject(new Trouble(`${process} ${detail}.`)),
  };
  try {
    terminal.note('starting a stack of its own …');
    stack = await startStack(config, options, signal);
    const { connection } = stack;
    client = await SkynetClient.connect({
      ...connection,
      source: 'this command',
      renew: () => renewStored(connection),
    });
    const done = work({ stack, client, signal });
    return await Promise.race([done, interrupted(signal), broken.promise]);
  } catch (error) {
    if (!signal.aborted) throw error;
    terminal.note('interrupted');
    return exitCodes.interrupted;
  } finally {
    await client?.close();
    await stack?.stop();
  }
}

async function interrupted(signal: AbortSignal): Promise<never> {
  await aborted(signal);
  throw signal.reason;
}
