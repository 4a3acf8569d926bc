import type { AgentEventData, AgentId } from '@skynet/contracts';
import { DeadlineQueue } from './deadline-queue.js';
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
interface DueItem {
  readonly agentId: AgentId;
  readonly toolCallId?: string;
  readonly wakes?: true;
}

/** Whether that has not come about otherwise. */
function isOpen({ toolCallId, wakes }: DueItem, entry: Entry | undefined): entry is Entry {
  if (entry === undefined) return false;
  if (wakes === true) return entry.wakeAtMs !== undefined;
  return toolCallId === undefined || entry.awaits.has(toolCallId);
}

/** What is to be done for a deadline that has passed; nothing when it has come about otherwise. */
function dueOf(item: DueItem, entry: Entry | undefined, nowMs: number): Due | undefined {
  if (!isOpen(item, entry)) return undefined;
  const { agentId, toolCallId } = item;
  const { tenant, wakeAtMs = Infinity } = entry;
  if (item.wakes === true) return wakeAtMs <= nowMs ? { kind: 'wake', agentId, tenant } : undefined;
  if (toolCallId !== undefined) return { kind: 'await', agentId, tenant, toolCallId };
  // It may have been extended.
  return entry.deadlineMs <= nowMs ? { kind: 'agent', agentId, tenant } : undefined;
}

/** The deadlines of all agents. */
export class AgentDeadlines {
  private readonly queue: DeadlineQueue<DueItem>;

  constructor(private readonly entries: ReadonlyMap<AgentId, Entry>) {
    this.queue = new DeadlineQueue((item) => isOpen(item, entries.get(item.agentId)));
  }

  /** When the next is due, epoch milliseconds. */
  get nextMs(): number | undefined {
    return this.queue.nextMs;
  }

  /** Those of an agent that is in the schedule from now on. */
  add({ agentId, awaits, deadlineMs, wakeAtMs }: Entry): void {
    this.queue.push(deadlineMs, { agentId });
    if (wakeAtMs !== undefined) this.queue.push(wakeAtMs, { agentId, wakes: true });
    for (const [toolCallId, dueMs] of awaits) this.queue.push(dueMs, { agentId, toolCallId });
  }

  /** It has until then from now on. */
  extended(entry: Entry, { limits: { deadlineMs } }: AgentEventData<'LimitsExtended'>): void {
    if (deadlineMs === entry.deadlineMs) return;
    entry.deadlineMs = deadlineMs;
    this.queue.push(deadlineMs, { agentId: entry.agentId });
  }

  /** It waits for its provider, if there is such a time. */
  parked(entry: Entry, { untilMs }: AgentEventData<'AgentParked'>): void {
    if (untilMs === undefined) return;
    entry.wakeAtMs = untilMs;
    this.queue.push(untilMs, { agentId: entry.agentId, wakes: true });
  }

  /** It waits for other agents or for people, not longer than this if there is such a time. */
  awaits(
    entry: Entry,
    { toolCallId, deadlineMs }: AgentEventData<'AwaitStarted' | 'QuestionAsked'>,
  ): void {
    if (deadlineMs === undefined) return;
    entry.awaits.set(toolCallId, deadlineMs);
    this.queue.push(deadlineMs, { agentId: entry.agentId, toolCallId });
  }

  /** What is due; again after 2 s, by the monotonic time, for as long as it stays so. */
  takeDue(nowMs: number, monotonicMs: number): Due[] {
    return this.queue.takeDue(nowMs, monotonicMs).flatMap((deadline): Due[] => {
      const { item } = deadline;
      const due = dueOf(item, this.entries.get(item.agentId), nowMs);
      if (due === undefined) return [];
      this.queue.repeat(deadline, monotonicMs);
      return [due];
    });
  }
}
