import type { JetStreamManager } from '@nats-io/jetstream';
import { systemClock, type Clock } from '../../runtime/clock.js';
import type { NatsLink } from '../nats/nats-link.js';

const KNOWN_FOR_MS = 10_000;

/**
 * Whether a stream has more than one copy, one of which may be behind the leader. A change of the number by the
 * operator is noticed within 10 s.
 */
export class StreamCopies {
  #many = false;
  #lookedMs = -Infinity;
  #looking: Promise<boolean> | undefined;

  constructor(
    private readonly link: NatsLink,
    private readonly manager: JetStreamManager,
    private readonly stream: string,
    private readonly clock: Pick<Clock, 'monotonicMs'> = systemClock,
  ) {}

  /** Never rejects: what can't be known is taken for many, which is safe. */
  async areMany(): Promise<boolean> {
    if (this.clock.monotonicMs() - this.#lookedMs < KNOWN_FOR_MS) return this.#many;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#many || this.#looking;
  }

  async #look(): Promise<boolean> {
    try {
      const { config } = await this.link.untilLost(this.manager.streams.info(this.stream));
      this.#many = config.num_replicas > 1;
      this.#lookedMs = this.clock.monotonicMs();
      return this.#many;
    } catch {
      return true;
    }
  }
}
