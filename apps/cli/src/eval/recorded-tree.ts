import { agentStatusSchema, spawnArgumentsSchema, verificationSchema } from '@skynet/contracts';
import { z } from 'zod';
import { namedArchive } from '../archive/archive-folder.js';
import { runArchiveProgram } from '../archive/archive-program.js';
import type { RecordedCase } from './eval-file.js';

const recordedTreeSchema = z.object({
  rootId: z.string(),
  name: z.string().optional(),
  status: agentStatusSchema,
  /** Agents that have not ended. */
  live: z.int(),
  output: z.string(),
  /** What would spawn it again; absent of a fork. */
  agent: spawnArgumentsSchema.optional().catch(undefined),
  verification: verificationSchema,
});
/** A tree as its archive has it, decided again. */
export type RecordedTree = z.infer<typeof recordedTreeSchema>;

/**
 * Reads an archive and decides everything in it again. Asks no server.
 *
 * @throws Trouble when it is not there, or not whole
 */
export async function readRecordedTree({
  archive,
  registry,
}: RecordedCase['recorded']): Promise<RecordedTree> {
  const file = (await namedArchive({ file: archive }, { dataFolder: '' })) ?? archive;
  const args = ['case', file, ...(registry === undefined ? [] : [registry])];
  return recordedTreeSchema.parse(JSON.parse(await runArchiveProgram(args)));
}

/** The first place where the rules say something else, in one line; undefined when there is none. */
export function divergenceText({ divergence }: RecordedTree['verification']): string | undefined {
  if (divergence === undefined) return undefined;
  const { agentId, revision, type, reason, recorded, expected } = divergence;
  const differs = `decided otherwise at event ${revision} (${type}) of ${agentId}: ${reason}`;
  const log = JSON.stringify(recorded?.data ?? null);
  const rules =
    expected === undefined ? 'nothing' : `${expected.type} ${JSON.stringify(expected.data)}`;
  return `${differs}; recorded ${log}, expected ${rules}`;
}
