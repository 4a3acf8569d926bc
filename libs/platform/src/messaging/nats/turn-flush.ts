import type { NatsConnection } from '@nats-io/transport-node';

/** What of @nats-io/nats-core 3.4 is reached into; see `protocol.js`. */
interface Protocol {
  flushPending(): void;
  readonly outbound: { size(): number };
  readonly pendingLimit: number;
}

/**
 * Has the client write to the socket once for all that is sent in a turn of the event loop. @nats-io/nats-core 3.4 writes
 * after each callback, and a write costs more than what is in it; without it all is sent the same, in more packets. To go
 * when the client has an option for it.
 */
export function flushEachTurn(connection: NatsConnection): void {
  const { protocol } = connection as { readonly protocol?: Protocol };
  if (typeof protocol?.flushPending !== 'function') return;
  const flush = protocol.flushPending.bind(protocol);
  let isDue = false;
  protocol.flushPending = () => {
    if (protocol.outbound.size() >= protocol.pendingLimit) return flush();
    if (isDue) return;
    isDue = true;
    setImmediate(() => {
      isDue = false;
      flush();
    });
  };
}
