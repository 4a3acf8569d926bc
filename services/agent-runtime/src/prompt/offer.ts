import type { Attachment, Text } from '@skynet/contracts';
import type { RunContext, SpawnedAgent } from '@skynet/domain-agents';
import { hashOf, readText, type PayloadStore } from '@skynet/platform';
import type { CataloguedModel } from '../models/model-catalogue.js';
import type { ModelTool } from '../models/model.port.js';
import { attachedBytes, attachedTexts } from './attached-texts.js';
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
  const [said, form] = await renderTask(agent, read);
  const bare = [said, ...form].join('\n\n');
  const { attachments = [] } = spec;
  const contextTokens = model?.contextTokens;
  const from = { payloads, tenant, contextTokens };
  const task = await withAttachments({ said, form, bare }, attachments, from);
  const weights = tools.map(weigh);
  const texts = Buffer.byteLength(JSON.stringify([instructions, bare]));
  return {
    instructions,
    task,
    tools,
    context: {
      promptBytes:
        weights.reduce((sum, { bytes }) => sum + bytes, texts) +
        (model?.overheadBytes ?? 0) +
        attachedBytes(attachments, contextTokens) +
        WIND_DOWN_BYTES,
      // By their ids: whoever verifies a request needs no bytes.
      promptHash: hashOf([
        ...[instructions, bare, weights.map(({ hash }) => hash)],
        ...(attachments.length > 0 ? [attachments] : []),
      ]),
      contextTokens,
      recoveries,
    },
  };
}

const FITTING =
  'Answer at the end with JSON alone, without other text, that fits this JSON Schema:';

/** They stand before the form of the answer, which is the last. */
async function withAttachments(
  {
    said,
    form,
    bare,
  }: { readonly said: string; readonly form: readonly string[]; readonly bare: string },
  attachments: readonly Attachment[],
  from: Parameters<typeof attachedTexts>[1],
): Promise<string> {
  if (attachments.length === 0) return bare;
  return [said, await attachedTexts(attachments, from), ...form].join('\n\n');
}

/** What was asked, and apart from it the form that the answer must have, if any. */
export function splitTask(whole: string): { readonly task: string; readonly form?: string } {
  const at = whole.lastIndexOf(`\n\n${FITTING}\n`);
  return at < 0 ? { task: whole } : { task: whole.slice(0, at), form: whole.slice(at).trim() };
}

async function renderTask(
  agent: SpawnedAgent,
  read: (text: Text) => Promise<string>,
): Promise<readonly [said: string, form: readonly string[]]> {
  const { task, outputSchema } = agent.spawned.spec;
  const { description, context, expectedOutput } = task;
  const parts = [await read(description)];
  if (context !== undefined) parts.push(`Context:\n${await read(context)}`);
  if (expectedOutput !== undefined) parts.push(`Expected output:\n${await read(expectedOutput)}`);
  const form = outputSchema === undefined ? [] : [`${FITTING}\n${await read(outputSchema)}`];
  return [parts.join('\n\n'), form];
}
