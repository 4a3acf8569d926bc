import type { Msg, NatsConnection } from '@nats-io/transport-node';

interface Waiter {
  readonly type: string;
  left: number;
  readonly seen: (isSeen: boolean) => void;
}

/** Sees what is put into the log at the moment when it is sent there: before the server has stored it. */
export class LogWatch {
  #waiters: Waiter[] = [];

  constructor(connection: NatsConnection) {
    connection.subscribe('log.agent.*', {
      callback: (_error, message) => this.#see(message),
    });
  }

  /** True when so many more events of this type have come within this time. */
  next(type: string, count: number, limitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        type,
        left: count,
        seen: (isSeen) => {
          clearTimeout(timer);
          this.#waiters = this.#waiters.filter((each) => each !== waiter);
          resolve(isSeen);
        },
      };
      const timer = setTimeout(() => waiter.seen(false), limitMs);
      this.#waiters.push(waiter);
    });
  }

  #see(message: Msg): void {
    if (this.#waiters.length === 0) return;
    const text = message.string();
    for (const waiter of this.#waiters) {
      if (!text.includes(`"type":"${waiter.type}"`)) continue;
      waiter.left -= 1;
      if (waiter.left <= 0) waiter.seen(true);
    }
  }
}
