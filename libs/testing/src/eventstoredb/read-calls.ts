import { randomUUID } from 'node:crypto';
import { status, type ServerErrorResponse, type ServerWritableStream } from '@grpc/grpc-js';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type {
  ReadReq,
  ReadResp,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import { delayed, type Behaviour } from './behaviour.js';
import { filterOf, windowOf } from './event-filter.js';
import { identifierOf, nameOf, notLeader, readOf, refuse, streamDeleted } from './protocol.js';
import type { RecordedEvent, RecordedEvents } from './recorded-events.js';

type Call = ServerWritableStream<ReadReq, ReadResp>;

const { BACKWARDS } = streams.ReadReq.Options.ReadDirection;
/** After these a writer that waited for room goes on. */
const ENOUGH = ['drain', 'cancelled', 'close'];

/** Reads of a stream or of `$all`, and subscriptions to `$all`. */
export class ReadCalls {
  /** Events written to subscriptions so far, to each. */
  delivered = 0;
  /** Events written in answers to reads so far. */
  answered = 0;
  readonly #subscriptions = new Set<Call>();

  constructor(
    private readonly recorded: RecordedEvents,
    private readonly behaviour: Behaviour,
  ) {}

  readonly read = (call: Call): void => {
    delayed(this.behaviour, () => {
      this.#serve(call).catch((error: unknown) => call.emit('error', error));
    });
  };

  /** Ends every subscription as a server does that shuts down. */
  dropSubscriptions(): void {
    for (const call of this.#subscriptions) {
      call.emit('error', refuse(status.UNAVAILABLE, 'the server drops its subscriptions'));
    }
  }

  async #serve(call: Call): Promise<void> {
    const options = call.request.getOptions();
    if (options === undefined) throw refuse(status.INVALID_ARGUMENT, 'no options');
    if (options.hasSubscription()) return this.#follow(call, options);
    const { leaderPort } = this.behaviour;
    const needsLeader = call.metadata.get('requires-leader').includes('true');
    if (leaderPort !== undefined && needsLeader) throw notLeader(leaderPort);
    const wanted = options.hasAll() ? this.#ofAll(options) : this.#ofStream(call, options);
    for (const event of wanted) {
      this.answered += 1;
      await write(call, readOf(event));
      if (call.cancelled) break;
    }
    call.end();
  }

  #ofAll(options: ReadReq.Options): RecordedEvent[] {
    const { all } = this.recorded;
    const place = options.getAll()?.getPosition();
    const position = BigInt(place?.getCommitPosition() ?? 0);
    const fits = filterOf(options);
    // Forwards from a place includes it, backwards does not.
    const wanted =
      options.getReadDirection() === BACKWARDS
        ? all.filter((event) => !place || event.position < position).reverse()
        : all.filter((event) => !place || event.position >= position);
    return wanted.filter(fits).slice(0, Number(options.getCount()));
  }

  #ofStream(call: Call, options: ReadReq.Options): readonly RecordedEvent[] {
    const of = options.getStream();
    const name = nameOf(of?.getStreamIdentifier());
    if (this.recorded.isDeleted(name)) throw streamDeleted(name);
    const events = this.recorded.stream(name);
    if (events.length === 0) {
      const missing = new streams.ReadResp.StreamNotFound();
      call.write(
        new streams.ReadResp().setStreamNotFound(missing.setStreamIdentifier(identifierOf(name))),
      );
    }
    const count = Number(options.getCount());
    const from = of?.hasRevision() ? Number(of.getRevision()) : undefined;
    if (options.getReadDirection() !== BACKWARDS) {
      return events.slice(from ?? 0, (from ?? 0) + count);
    }
    return events
      .slice(0, (from ?? Infinity) + 1)
      .reverse()
      .slice(0, count);
  }

  async #follow(call: Call, options: ReadReq.Options): Promise<void> {
    if (!options.hasAll()) throw unknownCall('a subscription to one stream');
    const wake = waker();
    const stopListening = this.recorded.onChange(wake.now);
    this.#subscriptions.add(call);
    let ended = false;
    const end = () => {
      ended = true;
      wake.now();
    };
    call.on('cancelled', end);
    call.on('error', end);
    const confirmation = new streams.ReadResp.SubscriptionConfirmation();
    confirmation.setSubscriptionId(randomUUID());
    await write(call, new streams.ReadResp().setConfirmation(confirmation));
    try {
      await this.#deliver(call, options, { isOver: () => ended, change: wake.next });
    } finally {
      stopListening();
      this.#subscriptions.delete(call);
    }
  }

  async #deliver(call: Call, options: ReadReq.Options, life: Life): Promise<void> {
    const { all } = this.recorded;
    const fits = filterOf(options);
    const window = windowOf(options);
    let next = this.#firstAfter(options.getAll());
    let caughtUp = false;
    while (!life.isOver()) {
      const event = all[next];
      if (event === undefined) {
        if (!caughtUp)
          await write(call, new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()));
        caughtUp = true;
        if (next >= all.length) await life.change();
        continue;
      }
      next += 1;
      if (fits(event)) {
        this.delivered += 1;
        await write(call, readOf(event));
      }
      if (window !== undefined && next % window === 0) await write(call, checkpointAt(event));
    }
  }

  /** Subscriptions go on behind the place they name. */
  #firstAfter(from: ReadReq.Options.AllOptions | undefined): number {
    const { all } = this.recorded;
    if (from?.hasEnd()) return all.length;
    const place = from?.getPosition();
    if (place === undefined) return 0;
    const index = all.findIndex(({ position }) => position > BigInt(place.getCommitPosition()));
    return index < 0 ? all.length : index;
  }
}

interface Life {
  isOver(): boolean;
  /** Resolves after the next change. */
  change(): Promise<void>;
}

function unknownCall(what: string): ServerErrorResponse {
  return refuse(status.UNIMPLEMENTED, `${what} is not in this double`);
}

function checkpointAt({ position }: RecordedEvent): ReadResp {
  const checkpoint = new streams.ReadResp.Checkpoint();
  checkpoint.setCommitPosition(String(position));
  checkpoint.setPreparePosition(String(position));
  return new streams.ReadResp().setCheckpoint(checkpoint);
}

async function write(call: Call, response: ReadResp): Promise<void> {
  if (call.write(response) || call.cancelled) return;
  await new Promise<void>((resolve) => {
    const goOn = () => {
      for (const event of ENOUGH) call.off(event, goOn);
      resolve();
    };
    for (const event of ENOUGH) call.on(event, goOn);
  });
}

/** `next` resolves with the first `now` behind it. */
function waker(): { now: () => void; next: () => Promise<void> } {
  let waiting = (): void => undefined;
  return {
    now: () => waiting(),
    next: () => new Promise((resolve) => (waiting = resolve)),
  };
}
