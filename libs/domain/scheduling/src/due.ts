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

/** What is to be done for a deadline that has passed; nothing when it has come about otherwise. */
export function dueOf(item: DueItem, entry: Entry | undefined, nowMs: number): Due | undefined {
  if (entry === undefined) return undefined;
  const { agentId, toolCallId } = item;
  const { awaits, tenant, wakeAtMs } = entry;
  if (item.wakes === true) {
    const isDue = wakeAtMs !== undefined && wakeAtMs <= nowMs;
    return isDue ? { kind: 'wake', agentId, tenant } : undefined;
  }
  if (toolCallId === undefined) return { kind: 'agent', agentId, tenant };
  return awaits.has(toolCallId) ? { kind: 'await', agentId, tenant, toolCallId } : undefined;
}
