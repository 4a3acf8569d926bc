import type { Text } from '@skynet/contracts';
import {
  isGranted,
  type RecoveryPolicy,
  type RunContext,
  type SpawnedAgent,
} from '@skynet/domain-agents';
import { hashOf, readText, type PayloadStore } from '@skynet/platform';
import type { CataloguedModel } from '../models/model-catalogue.js';
import type { ModelTool } from '../models/model.port.js';
import { builtInTools } from '../tools/built-in-tools.js';
import { weigh } from './tool-weight.js';
import { WIND_DOWN_BYTES } from './wind-down.js';
import type { ToolBox } from '../tools/tool-box.js';

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
  { toolBox, payloads }: { readonly toolBox: ToolBox; readonly payloads: PayloadStore },
): Promise<Offer> {
  const { spec, tenant, limits } = agent.spawned;
  const read = (text: Text) => readText(payloads, tenant, text);
  const instructions = spec.instructions === undefined ? undefined : await read(spec.instructions);
  const task = await renderTask(agent, read);
  const granted = (await toolBox.list(spec.tools)).filter(({ tool }) =>
    isGranted(spec.tools, tool.name),
  );
  const tools = [
    ...builtInTools({ maySpawn: limits.depth > 0 && limits.children > 0 }),
    ...granted.map(({ tool }) => tool),
  ];
  const recoveries: Record<string, RecoveryPolicy> = {};
  for (const { tool, recovery } of granted) recoveries[tool.name] = recovery;
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
      recoveries,
    },
  };
}

async function renderTask(
  agent: SpawnedAgent,
  read: (text: Text) => Promise<string>,
): Promise<string> {
  const { description, context, expectedOutput } = agent.spawned.spec.task;
  const parts = [await read(description)];
  if (context !== undefined) parts.push(`Context:\n${await read(context)}`);
  if (expectedOutput !== undefined) parts.push(`Expected output:\n${await read(expectedOutput)}`);
  return parts.join('\n\n');
}
