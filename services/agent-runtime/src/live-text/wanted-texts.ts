import { subjects, TEXT_WANTED_MS, textWantedSchema } from '@skynet/contracts';
import type { SpawnedAgent } from '@skynet/domain-agents';
import type { Clock, MessageBus } from '@skynet/platform';

/** Whoever is not heard of for lack of room hears what the log says, as ever. */
const MOST_WANTED = 10_000;

/** Whose text somebody listens to: each wish stands for 15 s. */
export class WantedTexts {
  /** Monotonic milliseconds until which it is wanted, the oldest wish first. */
  private readonly untilMs = new Map<string, number>();

  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>) {}

  listen(bus: Pick<MessageBus, 'onHint'>): () => void {
    return bus.onHint(subjects.textWanted, ({ data }) => {
      const wanted = textWantedSchema.safeParse(data).data;
      if (wanted === undefined) return;
      const { tenant, agentId, tree } = wanted;
      this.want(keyOf('agent', tenant, agentId));
      if (tree) this.want(keyOf('tree', tenant, agentId));
    });
  }

  isWanted({ spawned: { tenant, agentId, rootId } }: Pick<SpawnedAgent, 'spawned'>): boolean {
    // Nearly always.
    if (this.untilMs.size === 0) return false;
    return (
      this.stands(keyOf('agent', tenant, agentId)) || this.stands(keyOf('tree', tenant, rootId))
    );
  }

  private want(key: string): void {
    this.untilMs.delete(key);
    this.forgetOld();
    if (this.untilMs.size >= MOST_WANTED) return;
    this.untilMs.set(key, this.clock.monotonicMs() + TEXT_WANTED_MS);
  }

  private stands(key: string): boolean {
    return (this.untilMs.get(key) ?? 0) > this.clock.monotonicMs();
  }

  private forgetOld(): void {
    const nowMs = this.clock.monotonicMs();
    for (const [key, untilMs] of this.untilMs) {
      if (untilMs > nowMs) return;
      this.untilMs.delete(key);
    }
  }
}

function keyOf(what: 'agent' | 'tree', tenant: string, id: string): string {
  return `${what} ${tenant} ${id}`;
}
