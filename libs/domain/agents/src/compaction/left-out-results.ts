import {
  isImage,
  textBytes,
  type ChildReport,
  type ConversationEntry,
  type ToolCall,
} from '../agent/conversation.js';

/** Larger results are left out. */
const KEPT_BYTES = 1_024;

type ToolResult = Extract<ConversationEntry, { readonly kind: 'toolResult' }>;

/** Whether there is anything in the entry to leave out. */
export function isLarge(entry: ConversationEntry): boolean {
  if (entry.kind === 'toolResult') {
    const { images, attachments = [] } = entry;
    if (images !== undefined || attachments.some(isImage)) return true;
    return textBytes(entry.content) > KEPT_BYTES;
  }
  return entry.kind === 'childReports' && entry.reports.some(isLargeReport);
}

function isLargeReport({ output }: ChildReport): boolean {
  return output !== undefined && textBytes(output) > KEPT_BYTES;
}

/** The conversation with the sizes of large results in their place, among its first so many entries. */
export function withoutResults(
  conversation: readonly ConversationEntry[],
  entries: number,
): readonly ConversationEntry[] {
  const names = new Map<string, string>();
  return conversation.map((entry, index) => {
    if (entry.kind === 'answer') know(names, entry.toolCalls);
    if (index >= entries || !isLarge(entry)) return entry;
    if (entry.kind === 'toolResult') return leftOut(entry, names.get(entry.toolCallId));
    if (entry.kind !== 'childReports') return entry;
    return { ...entry, reports: entry.reports.map(leftOutReport) };
  });
}

function know(names: Map<string, string>, calls: readonly ToolCall[]): void {
  for (const { id, name } of calls) names.set(id, name);
}

function leftOut(entry: ToolResult, name = 'a tool'): ToolResult {
  const { content, images = [], attachments = [] } = entry;
  const shown = images.length + attachments.filter(isImage).length;
  const ofImages = shown === 0 ? '' : ` and ${shown} images`;
  const size = `${textBytes(content)} bytes${ofImages}`;
  const stub = `[result of ${name}, ${size}, left out to save room]`;
  const ids = attachments.map((each) => `\n[attachment ${each.content.sha256}]`).join('');
  return { ...entry, content: `${stub}${ids}`, images: undefined, attachments: undefined };
}

function leftOutReport(report: ChildReport): ChildReport {
  if (!isLargeReport(report)) return report;
  const bytes = textBytes(report.output ?? '');
  return { ...report, output: `[result of an agent, ${bytes} bytes, left out to save room]` };
}
