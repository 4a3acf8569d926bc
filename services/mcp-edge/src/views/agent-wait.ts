import { agentViewHintSchema, isEnd, subjects, type AgentRow } from '@skynet/contracts';
import type { Clock, MessageBus } from '@skynet/platform';
import type { AgentReader, FoundAgent } from './agent-reader.js';

export interface WaitedAgent {
  readonly tenant: string;
  readonly agentId: string;
}

export interface AgentWaitDependencies {
  readonly bus: Pick<MessageBus, 'onHint'>;
  readonly reader: Pick<AgentReader, 'find'>;
  readonly clock: Clock;
}

export interface AgentWaitOptions {
  /** From the making of the wait. */
  readonly timeoutMs: number;
  /** Ends the waiting, never the agent. */
  readonly signal: AbortSignal;
  /** How late an end can be seen when its hint got lost, and how often a caller hears of progress. */
  readonly lookEveryMs: number;
  readonly onLook: (row: AgentRow) => void;
  /**
   * Since when there is the agent for certain, whatever the views know of it yet. `now`: made after the wait, which would
   * have heard of its end. Default: it is not certain that there is one.
   */
  readonly made?: 'now' | 'before';
}

/** Hears of the end of one agent, from its making until it is closed. */
export class AgentWait {
  private readonly bell: Bell;
  private readonly startMs: number;
  private readonly stopListening: () => void;
  private ended: FoundAgent | undefined;

  constructor(
    private readonly agent: WaitedAgent,
    private readonly deps: AgentWaitDependencies,
  ) {
    this.startMs = deps.clock.monotonicMs();
    this.bell = new Bell(deps.clock);
    // Before the first look, so that an end between look and wait rings.
    this.stopListening = deps.bus.onHint(subjects.agentView(agent.agentId), ({ data }) => {
      const hint = agentViewHintSchema.safeParse(data).data;
      if (hint === undefined || !isEnd(hint.status)) return;
      this.noteEnd(hint.row);
      this.bell.ring();
    });
  }

  get elapsedMs(): number {
    return this.deps.clock.monotonicMs() - this.startMs;
  }

  /** The row when the agent has ended or the time is up, undefined when there is no such agent. */
  async untilEnd(options: AgentWaitOptions): Promise<FoundAgent | undefined> {
    const { timeoutMs, lookEveryMs, signal, onLook, made } = options;
    const { tenant, agentId } = this.agent;
    const untilNextLook = () =>
      this.bell.rung(Math.max(0, Math.min(lookEveryMs, timeoutMs - this.elapsedMs)));
    const onAbort = () => this.bell.ring();
    signal.addEventListener('abort', onAbort);
    try {
      if (made === 'now' && !signal.aborted) await untilNextLook();
      for (;;) {
        this.bell.reset();
        const found = this.ended ?? (await this.deps.reader.find(tenant, agentId));
        if (this.elapsedMs >= timeoutMs || signal.aborted) return found;
        if (found === undefined ? made === undefined : isEnd(found.row.status)) return found;
        if (found !== undefined) onLook(found.row);
        await untilNextLook();
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  close(): void {
    this.stopListening();
  }

  /** The end that the hint has told: it need not be looked up. */
  private noteEnd(row: AgentRow | undefined): void {
    const { agentId, tenant } = this.agent;
    if (row?.agentId !== agentId || row.tenant !== tenant || !isEnd(row.status)) return;
    this.ended = { row };
  }
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
