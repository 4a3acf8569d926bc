import { SkynetClient } from '@skynet/client';
import type { Command } from 'commander';
import { findConnection, type ConnectionOptions } from './connection.js';
import { listenForInterruption } from '../ending/interruption.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';

/** What a command that calls a server works with. */
export interface Called extends Surroundings {
  readonly client: SkynetClient;
  /** Aborted at Ctrl-C. */
  readonly signal: AbortSignal;
}

export function addConnectionOptions(command: Command): Command {
  return command
    .option('--data <folder>', 'folder of the stack to call (default: SKYNET_DATA, else .skynet)')
    .option('--url <url>', 'URL of the server to call (default: SKYNET_URL)')
    .option('--token <token>', 'token to call it with (default: SKYNET_TOKEN)');
}

/** Connects, does the work and disconnects. Ctrl-C leaves the agents alone. */
export async function connected(
  surroundings: Surroundings,
  options: ConnectionOptions,
  work: (called: Called) => Work,
): Work {
  const connection = await findConnection(options, surroundings.config);
  const client = await SkynetClient.connect(connection);
  const { signal } = listenForInterruption(() => process.exit(exitCodes.interrupted));
  try {
    return await work({ ...surroundings, client, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    surroundings.terminal.note('detached; agents go on');
    return exitCodes.interrupted;
  } finally {
    await client.close();
  }
}

export function exitCodeOfEnd(status: string): number {
  return status === 'completed' ? exitCodes.ok : exitCodes.notCompleted;
}
