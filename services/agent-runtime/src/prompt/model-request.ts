import type { Attachment, Text } from '@skynet/contracts';
import {
  labelledMessage,
  modelOf,
  type ChildReport,
  type ConversationEntry,
  type SpawnedAgent,
} from '@skynet/domain-agents';
import { readText, type PayloadStore } from '@skynet/platform';
import { wholeReads } from '../attachments/whole-reads.js';
import type { ModelMessage, ModelRequest } from '../models/model.port.js';
import type { Offer } from './offer.js';
import { RequestImages, type ShownImages } from './request-images.js';
import { SUMMARY_REQUEST } from './summary.js';
import { WIND_DOWN } from './wind-down.js';

export interface CallSettings {
  readonly maxTokens: number;
  readonly windDown: boolean;
  /** A summary of the conversation is asked for. Default: false. */
  readonly summarises?: boolean;
}

/** The full request of a turn, with all texts fetched. */
export async function modelRequest(
  agent: SpawnedAgent,
  offer: Offer,
  settings: CallSettings & {
    readonly payloads: PayloadStore;
    /** Whether the model takes images. Default: false. */
    readonly sees?: boolean;
  },
): Promise<ModelRequest> {
  const { payloads, maxTokens, windDown, summarises = false, sees = false } = settings;
  const read = (text: Text) => readText(payloads, agent.spawned.tenant, text);
  const { spec, tenant } = agent.spawned;
  const { attachments } = spec;
  const readBytes = (content: Attachment['content']) =>
    wholeReads.run(tenant, () => payloads.getBytes(tenant, content));
  const { conversation } = agent;
  const images = new RequestImages({ attachments, conversation }, sees, { read, readBytes });
  const said = await Promise.all(conversation.map((entry) => messageOf(entry, { read, images })));
  const messages: ModelMessage[] = [taskMessage(offer, await images.ofTask(attachments)), ...said];
  if (windDown) messages.push({ role: 'user', text: WIND_DOWN });
  if (summarises) messages.push({ role: 'user', text: SUMMARY_REQUEST });
  const { temperature, price } = modelOf(agent);
  return {
    instructions: offer.instructions,
    messages,
    tools: windDown || summarises ? [] : offer.tools,
    maxTokens,
    temperature,
    price,
  };
}

type Read = (text: Text) => Promise<string>;

async function messageOf(
  entry: ConversationEntry,
  { read, images }: { readonly read: Read; readonly images: RequestImages },
): Promise<ModelMessage> {
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
      return toolMessage(entry, await read(entry.content), await images.ofEntry(entry));
    case 'message': {
      const text = await read(entry.text);
      const { from } = entry;
      return { role: 'user', text: from === undefined ? text : labelledMessage(from, text) };
    }
    case 'childReports': {
      const agents = await Promise.all(entry.reports.map((report) => reportOf(report, read)));
      const content = JSON.stringify({ reason: entry.reason, agents });
      return { role: 'tool', toolCallId: entry.toolCallId, content, isError: false };
    }
  }
}

function taskMessage({ task }: Offer, { images, remarks }: ShownImages): ModelMessage {
  const text = [task, ...remarks].join('\n');
  return { role: 'user', text, ...(images.length > 0 && { images }) };
}

function toolMessage(
  { toolCallId, isError }: Extract<ConversationEntry, { readonly kind: 'toolResult' }>,
  said: string,
  { images, remarks }: ShownImages,
): ModelMessage {
  const content = [said, ...remarks].filter((text) => text !== '').join('\n');
  return { role: 'tool', toolCallId, content, isError, ...(images.length > 0 && { images }) };
}

async function reportOf(report: ChildReport, read: Read) {
  const { output, ...rest } = report;
  return { ...rest, output: output === undefined ? undefined : await read(output) };
}
