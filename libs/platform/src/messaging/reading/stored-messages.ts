import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream';
import type { NatsLink } from '../nats/nats-link.js';
import { WorldError } from '../../runtime/world-error.js';
import { isPassing } from '../nats/passing-failure.js';
import { patientRead } from '../nats/patient-read.js';
import { StreamCopies } from './stream-copies.js';

/**
 * Single messages of a stream that allows direct gets. Those are cheap and answered by any copy, which may be behind:
 * an older last message, or none. So what a copy may be wrong about is asked of the stream's leader.
 */
export class StoredMessages {
  readonly #copies: StreamCopies;

  constructor(
    private readonly link: NatsLink,
    private readonly manager: JetStreamManager,
    private readonly stream: string,
  ) {
    this.#copies = new StreamCopies(link, manager, stream);
  }

  /** The last message of a subject. @throws WorldError `retry: 'later'` when it can't be read now */
  async last(subject: string): Promise<StoredMsg | null> {
    const place = { last_by_subj: subject };
    return (await this.#copies.areMany())
      ? this.#ofLeader(subject, place)
      : this.#ofAnyCopy(subject, place);
  }

  /** As `last`, of all subjects that match. */
  lastOfAll(pattern: string): Promise<StoredMsg | null> {
    return this.#ofLeader(pattern, { last_by_subj: pattern });
  }

  /** The message of a subject at this place. @throws WorldError `retry: 'later'` when it can't be read now */
  async at(subject: string, sequence: number): Promise<StoredMsg | null> {
    const place = { seq: sequence };
    return (await this.#ofAnyCopy(subject, place)) ?? this.#ofLeader(subject, place);
  }

  /**
   * Removes the messages of a subject up to this place, which is the last to go. Safe to retry.
   *
   * @throws WorldError `retry: 'never'` when the stream denies it, or the server does to this user
   */
  async removeUntil(subject: string, sequence: number): Promise<void> {
    try {
      await this.link.untilLost(
        this.manager.streams.purge(this.stream, { filter: subject, seq: sequence + 1 }),
      );
    } catch (error) {
      const retry = isPassing(error) ? 'later' : 'never';
      throw new WorldError(`${subject} can't be removed from ${this.stream}`, retry, {
        cause: error,
      });
    }
  }

  #ofAnyCopy(what: string, place: Place): Promise<StoredMsg | null> {
    return patientRead(this.link, what, () => this.manager.direct.getMessage(this.stream, place));
  }

  #ofLeader(what: string, place: Place): Promise<StoredMsg | null> {
    return patientRead(this.link, what, () => this.manager.streams.getMessage(this.stream, place));
  }
}

type Place = { readonly last_by_subj: string } | { readonly seq: number };
