/** One request for messages that the server may still answer. */
interface OpenRequest {
  readonly askedMs: number;
  left: number;
}

/**
 * Counts the messages that were asked for and have not arrived. A request whose end was never told stops counting when
 * it must have ended: nats-server 2.9.10 under load ends some in silence.
 */
export class OpenRequests {
  #requests: OpenRequest[] = [];
  #outstanding = 0;

  /** `endsWithinMs`: after this time a request has ended, told or not. */
  constructor(private readonly endsWithinMs: number) {}

  get outstanding(): number {
    return this.#outstanding;
  }

  asked(batch: number, nowMs: number): void {
    this.#requests.push({ askedMs: nowMs, left: batch });
    this.#outstanding += batch;
  }

  /** A message came: the server serves the oldest request first. */
  arrived(): void {
    this.#take(1);
  }

  /** The server told that a request ended and how much of it did not come. */
  ended(left: number): void {
    const index = this.#requests.findIndex((request) => request.left === left);
    const [found] = index < 0 ? [] : this.#requests.splice(index, 1);
    if (found === undefined) this.#take(left);
    else this.#outstanding -= found.left;
  }

  /** Stops counting what has ended untold; whether there was any. */
  dropEnded(nowMs: number): boolean {
    const before = this.#requests.length;
    this.#requests = this.#requests.filter(({ askedMs }) => nowMs - askedMs <= this.endsWithinMs);
    this.#outstanding = this.#requests.reduce((sum, { left }) => sum + left, 0);
    return this.#requests.length < before;
  }

  #take(count: number): void {
    let rest = count;
    for (
      let first = this.#requests[0];
      first !== undefined && rest > 0;
      first = this.#requests[0]
    ) {
      const taken = Math.min(first.left, rest);
      first.left -= taken;
      rest -= taken;
      this.#outstanding -= taken;
      if (first.left === 0) this.#requests.shift();
    }
  }
}
