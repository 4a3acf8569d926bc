import type { AgentId } from '@skynet/contracts';
import type { Clock } from '@skynet/platform';

/** Longer than a worker keeps anything back. */
const GRACE_MS = 2_000;

/** The time that the worker of a run has to do something about an agent itself, before a reactor does it. */
export class Grace {
  private readonly waiting = new Map<AgentId, (isSeen: boolean) => void>();
  private isOver = false;

  constructor(private readonly clock: Clock) {}

  /** The log shows that it was done. */
  see(agentId: AgentId): void {
    this.waiting.get(agentId)?.(true);
  }

  /** The time of all is over, now and from now on: this process ends. */
  end(): void {
    this.isOver = true;
    for (const finish of [...this.waiting.values()]) finish(false);
  }

  /** Whether it was seen within the time. */
  passes(agentId: AgentId): Promise<boolean> {
    this.see(agentId);
    if (this.isOver) return Promise.resolve(false);
    return new Promise((resolve) => {
      const cancel = this.clock.timer(GRACE_MS, () => finish(false));
      const finish = (isSeen: boolean) => {
        cancel();
        this.waiting.delete(agentId);
        resolve(isSeen);
      };
      this.waiting.set(agentId, finish);
    });
  }
}
