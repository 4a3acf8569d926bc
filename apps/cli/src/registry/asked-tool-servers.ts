import { resolve } from 'node:path';
import { subjects, toolServersAnswerSchema, type ToolServersAnswer } from '@skynet/contracts';
import { askRuntime } from '../operating/ask-runtime.js';
import type { Surroundings } from '../command/surroundings.js';

/** The tool servers as a worker sees them; one that is named is started, and asked for its tools. */
export async function askedToolServers(
  server: string | undefined,
  { data }: { readonly data?: string },
  around: Surroundings,
): Promise<ToolServersAnswer> {
  const answer = await askRuntime(
    resolve(data ?? around.config.dataFolder),
    {
      subject: subjects.toolServers,
      data: { server },
      trouble: 'The tool servers are not known',
      next: 'Does agent-runtime run? It is safe to try again.',
    },
    around,
  );
  return toolServersAnswerSchema.parse(answer);
}
