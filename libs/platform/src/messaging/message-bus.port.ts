/** Headers of a message; names are case-sensitive. */
export type MessageHeaders = Readonly<Record<string, string>>;

export interface BusMessage {
  readonly subject: string;
  /** Decoded JSON, not yet validated. */
  readonly data: unknown;
  readonly headers: MessageHeaders;
}

export interface PublishOptions {
  readonly headers?: MessageHeaders;
  /** A repeat with the same id within the stream's duplicate window is dropped by the server. */
  readonly id?: string;
}

/** Durable publishing and best-effort talk between services. Payloads are JSON. */
export interface MessageBus {
  /**
   * Publishes into the JetStream stream that owns the subject; resolves when stored.
   *
   * @throws OverloadedError when the stream is full (safe to retry later; nothing was stored)
   * @throws WorldError `retry: 'later'` when it is unknown whether it was stored
   */
  publish(subject: string, data: unknown, options?: PublishOptions): Promise<void>;
  /** Best effort, core NATS: lost when nobody listens. Never the only carrier of a fact. */
  hint(subject: string, data: unknown): void;
  /** Listens to hints; `*` and `>` as in NATS. Returns a stop function. */
  onHint(subject: string, handler: (message: BusMessage) => void): () => void;
  /**
   * Asks the service that serves the subject. `timeoutMs` default 2,000.
   *
   * @throws WorldError `retry: 'later'` on time-out or when nobody serves it
   */
  request(subject: string, data: unknown, options?: { timeoutMs?: number }): Promise<unknown>;
  /** Serves requests; every subject + `queue` pair is answered by one member. A throw becomes an error reply. */
  serve(
    subject: string,
    queue: string,
    handler: (message: BusMessage) => Promise<unknown>,
  ): () => void;
  /** Answers in somebody's inbox; best effort, lost when nobody waits there any more. */
  reply(inbox: string, data: unknown): void;
  /** A private subject on which replies to durable messages can be received. */
  openInbox(handler: (message: BusMessage) => void): {
    readonly subject: string;
    close(): void;
  };
  /**
   * Resolves as soon as the server answers, however busy the services behind it are.
   *
   * @throws WorldError `retry: 'later'` when it does not in that time: it is away or hangs
   */
  whenAnswering(withinMs: number): Promise<void>;
  /** Resolves when the connection is gone for good. */
  readonly closed: Promise<void>;
  /** Finishes what is under way, then disconnects. */
  close(): Promise<void>;
}
