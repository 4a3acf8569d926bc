import type { AgentId } from '@skynet/contracts';
import type { Entry } from './schedule-entry.js';

export type Due =
  | { readonly kind: 'agent'; readonly agentId: AgentId; readonly tenant: string }
  | { readonly kind: 'wake'; readonly agentId: AgentId; readonly tenant: string }
  | {
      readonly kind: 'await';
      readonly agentId: AgentId;
      readonly tenant: string;
      readonly toolCallId: string;
    };

/** A deadline of an agent: its own, that of one of its waits, or the time when it is woken. */
export interface DueItem {
  readonly agentId: AgentId;
  readonly toolCallId?: string;
  readonly wakes?: true;
}

/** Whether that has not come about otherwise. */
export function isOpen({ toolCallId, wakes }: DueItem, entry: Entry | undefined): entry is Entry {
  if (entry === undefined) return false;
  if (wakes === true) return entry.wakeAtMs !== undefined;
  return toolCallId === undefined || entry.awaits.has(toolCallId);
}

/** What is to be done for a deadline that has passed; nothing when it has come about otherwise. */
export function dueOf(item: DueItem, entry: Entry | undefined, nowMs: number): Due | undefined {
  if (!isOpen(item, entry)) return undefined;
  const { agentId, toolCallId } = item;
  const { tenant, wakeAtMs = Infinity } = entry;
  if (item.wakes === true) return wakeAtMs <= nowMs ? { kind: 'wake', agentId, tenant } : undefined;
  return toolCallId === undefined
    ? { kind: 'agent', agentId, tenant }
    : { kind: 'await', agentId, tenant, toolCallId };
}
