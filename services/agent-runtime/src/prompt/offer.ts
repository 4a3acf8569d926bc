import type { Text } from '@skynet/contracts';
import type { RunContext, SpawnedAgent } from '@skynet/domain-agents';
import { hashOf, readText, type PayloadStore } from '@skynet/platform';
import type { CataloguedModel } from '../models/model-catalogue.js';
import type { ModelTool } from '../models/model.port.js';
import type { GrantedTools } from './granted-tools.js';
import { withWordsOfServers } from './server-texts.js';
import { weigh } from './tool-weight.js';
import { WIND_DOWN_BYTES } from './wind-down.js';

/** What every request of one agent carries: instructions, the task as first message, the tools it was granted. */
export interface Offer {
  readonly instructions?: string;
  readonly task: string;
  readonly tools: readonly ModelTool[];
  readonly context: RunContext;
}

export async function makeOffer(
  agent: SpawnedAgent,
  model: CataloguedModel | undefined,
  { tools, recoveries, payloads }: GrantedTools & { readonly payloads: PayloadStore },
): Promise<Offer> {
  const { spec, tenant } = agent.spawned;
  const read = (text: Text) => readText(payloads, tenant, text);
  const own = spec.instructions === undefined ? undefined : await read(spec.instructions);
  const instructions = withWordsOfServers(own, tools);
  const task = await renderTask(agent, read);
  const weights = tools.map(weigh);
  const texts = Buffer.byteLength(JSON.stringify([instructions, task]));
  return {
    instructions,
    task,
    tools,
    context: {
      promptBytes:
        weights.reduce((sum, { bytes }) => sum + bytes, texts) +
        (model?.overheadBytes ?? 0) +
        WIND_DOWN_BYTES,
      promptHash: hashOf([instructions, task, weights.map(({ hash }) => hash)]),
      contextTokens: model?.contextTokens,
      recoveries,
    },
  };
}

const FITTING =
  'Answer at the end with JSON alone, without other text, that fits this JSON Schema:';

/** What was asked, and apart from it the form that the answer must have, if any. */
export function splitTask(whole: string): { readonly task: string; readonly form?: string } {
  const at = whole.lastIndexOf(`\n\n${FITTING}\n`);
  return at < 0 ? { task: whole } : { task: whole.slice(0, at), form: whole.slice(at).trim() };
}

async function renderTask(
  agent: SpawnedAgent,
  read: (text: Text) => Promise<string>,
): Promise<string> {
  const { task, outputSchema } = agent.spawned.spec;
  const { description, context, expectedOutput } = task;
  const parts = [await read(description)];
  if (context !== undefined) parts.push(`Context:\n${await read(context)}`);
  if (expectedOutput !== undefined) parts.push(`Expected output:\n${await read(expectedOutput)}`);
  if (outputSchema !== undefined) parts.push(`${FITTING}\n${await read(outputSchema)}`);
  return parts.join('\n\n');
}
