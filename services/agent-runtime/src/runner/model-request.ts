import type { Text } from '@skynet/contracts';
import type { ChildReport, ConversationEntry, SpawnedAgent } from '@skynet/domain-agents';
import { readText, type PayloadStore } from '@skynet/platform';
import type { ModelMessage, ModelRequest } from '../models/model.port.js';
import type { Offer } from './offer/offer.js';
import { WIND_DOWN } from './offer/wind-down.js';

export interface CallSettings {
  readonly maxTokens: number;
  readonly windDown: boolean;
}

/** The full request of a turn, with all texts fetched. */
export async function modelRequest(
  agent: SpawnedAgent,
  offer: Offer,
  settings: CallSettings & { readonly payloads: PayloadStore },
): Promise<ModelRequest> {
  const { payloads, maxTokens, windDown } = settings;
  const read = (text: Text) => readText(payloads, agent.spawned.tenant, text);
  const said = await Promise.all(agent.conversation.map((entry) => messageOf(entry, read)));
  const messages: ModelMessage[] = [{ role: 'user', text: offer.task }, ...said];
  if (windDown) messages.push({ role: 'user', text: WIND_DOWN });
  const { temperature, price } = agent.spawned.spec.model;
  return {
    instructions: offer.instructions,
    messages,
    tools: windDown ? [] : offer.tools,
    maxTokens,
    temperature,
    price,
  };
}

type Read = (text: Text) => Promise<string>;

async function messageOf(entry: ConversationEntry, read: Read): Promise<ModelMessage> {
  switch (entry.kind) {
    case 'answer':
      return {
        role: 'assistant',
        text: await read(entry.text),
        thinking: entry.thinking === undefined ? undefined : await read(entry.thinking),
        toolCalls: await Promise.all(
          entry.toolCalls.map(async (call) => ({
            id: call.id,
            name: call.name,
            arguments: await read(call.arguments),
          })),
        ),
      };
    case 'toolResult':
      return {
        role: 'tool',
        toolCallId: entry.toolCallId,
        content: await read(entry.content),
        isError: entry.isError,
      };
    case 'message':
      return { role: 'user', text: await read(entry.text) };
    case 'childReports': {
      const agents = await Promise.all(entry.reports.map((report) => reportOf(report, read)));
      const content = JSON.stringify({ reason: entry.reason, agents });
      return { role: 'tool', toolCallId: entry.toolCallId, content, isError: false };
    }
  }
}

async function reportOf(report: ChildReport, read: Read) {
  const { output, ...rest } = report;
  return { ...rest, output: output === undefined ? undefined : await read(output) };
}
