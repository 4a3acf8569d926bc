import type { Text } from '@skynet/contracts';
import { available, type SpawnedAgent, type TaskFacts } from '@skynet/domain-agents';
import { isShowable, readText, type PayloadStore } from '@skynet/platform';

/** Of each grant, while its server has not said what is in it. */
const GRANT_BYTES = 1_000;

/** What of an agent a model is chosen by. `promptBytes`: of its request, beside conversation and tools of servers. */
export async function factsOf(
  agent: SpawnedAgent,
  promptBytes: number,
  payloads: PayloadStore,
): Promise<TaskFacts> {
  const { spec, limits, depth, tenant } = agent.spawned;
  const { description, context, expectedOutput } = spec.task;
  const read = (text: Text | undefined) =>
    text === undefined ? Promise.resolve('') : readText(payloads, tenant, text);
  const text = [await read(description), await read(context)].filter(Boolean).join('\n\n');
  const grants = spec.tools.length;
  return {
    text,
    expectedOutput: await read(expectedOutput),
    isStructured: spec.outputSchema !== undefined,
    grants,
    leads: limits.depth > 0 && limits.children > 0,
    depth,
    hasImages: [
      ...(spec.attachments ?? []),
      ...agent.conversation.flatMap((entry) =>
        entry.kind === 'toolResult' ? [...(entry.images ?? []), ...(entry.attachments ?? [])] : [],
      ),
    ].some((one) => 'data' in one || isShowable(one.mediaType)),
    requestBytes: promptBytes + agent.conversationBytes + grants * GRANT_BYTES,
    maxTokens: spec.model.maxTokens,
    costMicroUsd: available(agent).costMicroUsd,
  };
}
