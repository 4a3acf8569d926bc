import type { CheckedOutput, SpawnedAgent } from '@skynet/domain-agents';
import { readText, storeText, type PayloadStore } from '@skynet/platform';
import { checkOutput, schemaTime } from './output-schemas.js';

/** What an answer is as the output of an agent; undefined for one that may answer as it likes. */
export async function checkedAnswer(
  { spawned: { spec, tenant } }: SpawnedAgent,
  answer: string,
  payloads: PayloadStore,
): Promise<CheckedOutput | undefined> {
  if (spec.outputSchema === undefined) return undefined;
  const schema = await readText(payloads, tenant, spec.outputSchema);
  const checked = schemaTime.spend(tenant, () => checkOutput(schema, answer));
  if (checked.kind === 'misfits' || typeof checked.output !== 'string') return checked;
  return { kind: 'fits', output: await storeText(payloads, tenant, checked.output) };
}
