import type { AgentEventData, AgentId, Attachment, Failure, Spent, Text } from '@skynet/contracts';
import { labelledBytes, type Sender } from './message-text.js';

export type ToolCall = Extract<
  AgentEventData<'ModelCallSettled'>['outcome'],
  { readonly kind: 'answered' }
>['toolCalls'][number];

/** An image that a tool answered with. */
export type StoredImage = NonNullable<AgentEventData<'ToolCallSettled'>['images']>[number];

/** What an await tells the model about one child. */
export interface ChildReport {
  readonly agentId: AgentId;
  /** `running` for a child that has not ended. */
  readonly status: string;
  readonly output?: Text;
  readonly failure?: Failure;
  readonly spent?: Spent;
}

/** What the model has said and been told since its task. */
export type ConversationEntry =
  | {
      readonly kind: 'answer';
      readonly text: Text;
      readonly toolCalls: readonly ToolCall[];
      /** In the provider's own form, to be sent back as it is. */
      readonly thinking?: Text;
    }
  | {
      readonly kind: 'toolResult';
      readonly toolCallId: string;
      readonly content: Text;
      readonly isError: boolean;
      /** For models that see. */
      readonly images?: readonly StoredImage[];
      /** Images and files that lie beside the log as bytes. */
      readonly attachments?: readonly Attachment[];
    }
  | {
      readonly kind: 'childReports';
      readonly toolCallId: string;
      readonly reason: AgentEventData<'AwaitEnded'>['reason'];
      readonly reports: readonly ChildReport[];
    }
  | MessageEntry;

type ToolResultEntry = Extract<ConversationEntry, { readonly kind: 'toolResult' }>;

/** Something that was said to the agent. */
interface MessageEntry {
  readonly kind: 'message';
  readonly text: Text;
  /** Absent for what was said to a fork at its beginning. */
  readonly id?: string;
  /** Default: whoever the agent works for. */
  readonly from?: Sender;
}

/** Room for what a provider's format adds to one message. */
const ENTRY_OVERHEAD_BYTES = 64;
/** Room for the names and numbers of one child's report. */
const REPORT_OVERHEAD_BYTES = 320;

/** No image is more tokens for any model; one byte is no less than one token. */
const IMAGE_BYTES = 5_000;

/** UTF-8 bytes of a text, in the log or in the payload store. */
export function textBytes(text: Text): number {
  if (typeof text !== 'string') return text.bytes;
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7ff) bytes += unit >= 0xd800 && unit <= 0xdfff ? 1 : 2;
    else if (unit > 0x7f) bytes += 1;
  }
  return bytes;
}

function messageBytes({ from, text }: MessageEntry): number {
  const bytes = textBytes(text);
  return from === undefined ? bytes : labelledBytes(bytes, from);
}

function reportBytes(report: ChildReport): number {
  const output = report.output === undefined ? 0 : textBytes(report.output);
  return REPORT_OVERHEAD_BYTES + output + textBytes(report.failure?.message ?? '');
}

function imagesIn({ images = [], attachments = [] }: ToolResultEntry): number {
  return images.length + attachments.filter(isImage).length;
}

/** Whether a model that sees may be shown it. */
export function isImage({ mediaType }: Attachment): boolean {
  return mediaType.startsWith('image/');
}

/** Of all entries, see `entryBytes`. */
export function bytesOf(conversation: readonly ConversationEntry[]): number {
  return conversation.reduce((sum, entry) => sum + entryBytes(entry), 0);
}

/** No fewer bytes than the entry takes in a request, so no fewer than its tokens. */
export function entryBytes(entry: ConversationEntry): number {
  switch (entry.kind) {
    case 'answer':
      return entry.toolCalls.reduce(
        (sum, call) =>
          sum + ENTRY_OVERHEAD_BYTES + textBytes(call.name) + textBytes(call.arguments),
        ENTRY_OVERHEAD_BYTES + textBytes(entry.text) + textBytes(entry.thinking ?? ''),
      );
    case 'toolResult':
      return ENTRY_OVERHEAD_BYTES + textBytes(entry.content) + IMAGE_BYTES * imagesIn(entry);
    case 'message':
      return ENTRY_OVERHEAD_BYTES + messageBytes(entry);
    case 'childReports':
      return entry.reports.reduce((sum, report) => sum + reportBytes(report), ENTRY_OVERHEAD_BYTES);
  }
}
