import { readResult, waitForEnd } from '@skynet/client';
import { exitCodeOfEnd, type Called } from '../connection/connected.js';
import type { Work } from '../command/surroundings.js';
import { liveNotes } from './live-notes.js';
import { printResult } from './result-view.js';

/** Names the agent, waits for its end, and prints what it left. */
export async function waitAndPrint(
  agentId: string,
  { json = false }: { readonly json?: boolean },
  { client, signal, terminal }: Called,
): Work {
  terminal.note(`agent ${agentId}`);
  const heard = { signal, ...liveNotes(terminal, {}) };
  const { status } = await waitForEnd(client, agentId, heard);
  printResult(terminal, await readResult(client, agentId), json);
  return exitCodeOfEnd(status);
}
