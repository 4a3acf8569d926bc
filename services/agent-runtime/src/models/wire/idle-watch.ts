import type { Clock } from '@skynet/platform';

/** Aborts a request whose answer shows no sign of life, pings included, for too long. */
export class IdleWatch {
  private readonly abort = new AbortController();
  private cancelTimer: (() => void) | undefined;
  private answered = false;

  constructor(
    private readonly clock: Clock,
    private readonly limitMs: number,
    private readonly send: typeof fetch = fetch,
  ) {
    this.seen();
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Whether an answer has begun that is no error. */
  get isAnswered(): boolean {
    return this.answered;
  }

  seen(): void {
    this.cancelTimer?.();
    this.cancelTimer = this.clock.timer(this.limitMs, () => this.abort.abort());
  }

  end(): void {
    this.cancelTimer?.();
  }

  /** `send`, with every piece of the answer seen. */
  readonly fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const response = await this.send(url, init);
    this.seen();
    this.answered = response.ok;
    if (response.body === null) return response;
    const watched = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        this.seen();
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(watched), response);
  };
}
