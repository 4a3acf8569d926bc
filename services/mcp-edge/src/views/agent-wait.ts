import { agentViewHintSchema, isEnd, subjects, type AgentRow } from '@skynet/contracts';
import type { Clock, MessageBus } from '@skynet/platform';
import type { AgentReader, FoundAgent } from './agent-reader.js';

export interface AgentWaitOptions {
  readonly tenant: string;
  readonly agentId: string;
  readonly timeoutMs: number;
  /** Ends the waiting, never the agent. */
  readonly signal: AbortSignal;
  /** How late an end can be seen when its hint got lost, and how often a caller hears of progress. */
  readonly lookEveryMs: number;
  readonly onLook: (row: AgentRow, elapsedMs: number) => void;
}

/** Waits for agents to end. */
export class AgentWait {
  constructor(
    private readonly bus: MessageBus,
    private readonly reader: AgentReader,
    private readonly clock: Clock,
  ) {}

  /** The row when the agent has ended or the time is up, undefined when there is no such agent. */
  async untilEnd(options: AgentWaitOptions): Promise<FoundAgent | undefined> {
    const { tenant, agentId, timeoutMs, lookEveryMs, signal, onLook } = options;
    const startMs = this.clock.monotonicMs();
    const bell = new Bell(this.clock);
    // Before the first look, so that an end between look and wait rings.
    const stopListening = this.bus.onHint(subjects.agentView(agentId), ({ data }) => {
      if (saysEnded(data)) bell.ring();
    });
    const onAbort = () => bell.ring();
    signal.addEventListener('abort', onAbort);
    try {
      for (;;) {
        bell.reset();
        const found = await this.reader.find(tenant, agentId);
        const elapsedMs = this.clock.monotonicMs() - startMs;
        const leftMs = timeoutMs - elapsedMs;
        if (found === undefined || leftMs <= 0 || signal.aborted) return found;
        if (isEnd(found.row.status)) return found;
        onLook(found.row, elapsedMs);
        await bell.rung(Math.min(lookEveryMs, leftMs));
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      stopListening();
    }
  }
}

function saysEnded(data: unknown): boolean {
  const hint = agentViewHintSchema.safeParse(data);
  return hint.success && isEnd(hint.data.status);
}

/** Rings at most once between two resets, also while nobody waits for it. */
class Bell {
  private hasRung = false;
  private wake = (): void => undefined;

  constructor(private readonly clock: Clock) {}

  reset(): void {
    this.hasRung = false;
  }

  ring(): void {
    this.hasRung = true;
    this.wake();
  }

  async rung(atMostMs: number): Promise<void> {
    if (this.hasRung) return;
    await new Promise<void>((resolve) => {
      const cancel = this.clock.timer(atMostMs, resolve);
      this.wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
