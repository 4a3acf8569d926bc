import { authLogCategories } from '@skynet/contracts';
import { WorldError } from '../../runtime/world-error.js';
import { takeOver } from '../copying/take-over.js';
import type {
  AppendResult,
  CommitHandler,
  DamageHandler,
  EventStore,
  ExpectedRevision,
  NewEvent,
  Position,
  ReadOptions,
  StoredEvent,
  SubscribeOptions,
  Subscription,
} from '../event-store.port.js';
import { requireCategory } from '../stream-name.js';

export interface WholeLogParts {
  /** The common log. */
  readonly common: EventStore;
  /** That of auth alone. */
  readonly auth: EventStore;
  /** Streams of auth that still have to be read from the common log. */
  readonly leftBehind: ReadonlySet<string>;
}

const AUTH_POSITION = 'auth-';

/**
 * The common log and that of auth as one, for operators. Each stream is read from the one log that holds it whole, also
 * before and after it was taken over.
 */
export class WholeLog implements EventStore {
  readonly kind: EventStore['kind'];
  #leftBehind: ReadonlySet<string>;

  constructor(private readonly parts: WholeLogParts) {
    this.kind = parts.common.kind;
    this.#leftBehind = parts.leftBehind;
  }

  /** Streams of auth that the common log of a release before holds. */
  get leftBehind(): ReadonlySet<string> {
    return this.#leftBehind;
  }

  /**
   * Brings what was left behind into the log of auth; the answer is the number of streams. Safe to repeat, at any time.
   *
   * @throws DamagedStreamError when something of it is no commit of ours
   * @throws LogsDifferError when the log of auth holds something else in such a stream
   */
  async takeOver(): Promise<number> {
    const { size } = this.#leftBehind;
    await takeOver(this.parts.common, this.parts.auth, this.#leftBehind);
    this.#leftBehind = new Set();
    return size;
  }

  async append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    if (this.#leftBehind.has(stream)) {
      throw new WorldError(`${stream} was not taken over yet: "skynet log upgrade"`, 'never');
    }
    const { isOfAuth, store } = this.#holderOf(stream);
    const { revision, position } = await store.append(stream, events, expected);
    return { revision, position: isOfAuth ? asAuth(position) : position };
  }

  read(stream: string, options?: ReadOptions): Promise<readonly StoredEvent[]> {
    return this.#holderOf(stream).store.read(stream, options);
  }

  deleteStream(stream: string, lastRevision: number): Promise<void> {
    return this.#holderOf(stream).store.deleteStream(stream, lastRevision);
  }

  /** @throws Error with `after`: it is read from its beginning only */
  async subscribe(options: SubscribeOptions, handler: CommitHandler): Promise<Subscription> {
    if (options.after !== undefined) throw new Error('the whole log is read from its beginning');
    const inTurn = oneAtATime();
    const { onDamaged } = options;
    const part = (store: EventStore, isAuth: boolean) => {
      const isHeldHere = (stream: string) => this.#holderOf(stream).isOfAuth === isAuth;
      const placed = <Found extends { readonly position: Position }>(found: Found): Found =>
        isAuth ? { ...found, position: asAuth(found.position) } : found;
      const damaged: DamageHandler | undefined =
        onDamaged &&
        ((damage) =>
          isHeldHere(damage.stream) ? inTurn(() => onDamaged(placed(damage))) : undefined);
      return store.subscribe({ ...options, ...(damaged && { onDamaged: damaged }) }, (commit) =>
        isHeldHere(commit.stream) ? inTurn(() => handler(placed(commit))) : undefined,
      );
    };
    const { common, auth } = this.parts;
    const both = [await part(common, false), await part(auth, true)];
    return together(both);
  }

  async head(prefix?: string): Promise<Position | undefined> {
    const { common, auth } = this.parts;
    const ofAuth = async () => {
      const position = await auth.head(prefix);
      return position && asAuth(position);
    };
    if (prefix === undefined) return (await common.head()) ?? ofAuth();
    const isOfAuth = authLogCategories.includes(requireCategory(prefix));
    return isOfAuth ? ofAuth() : common.head(prefix);
  }

  comparePositions(a: Position, b: Position): number {
    const [one, other] = [bare(a), bare(b)];
    if (one.isOfAuth !== other.isOfAuth) return one.isOfAuth ? 1 : -1;
    return this.parts.common.comparePositions(one.position, other.position);
  }

  async close(): Promise<void> {
    await Promise.all([this.parts.common.close(), this.parts.auth.close()]);
  }

  #holderOf(stream: string): { readonly isOfAuth: boolean; readonly store: EventStore } {
    const { common, auth } = this.parts;
    const isOfAuth = isOfAuthLog(stream) && !this.#leftBehind.has(stream);
    return { isOfAuth, store: isOfAuth ? auth : common };
  }
}

function isOfAuthLog(stream: string): boolean {
  return authLogCategories.includes(stream.split('-', 1)[0] ?? '');
}

function asAuth(position: Position): Position {
  return `${AUTH_POSITION}${position}` as Position;
}

function bare(position: Position): { readonly isOfAuth: boolean; readonly position: Position } {
  const isOfAuth = position.startsWith(AUTH_POSITION);
  return {
    isOfAuth,
    position: (isOfAuth ? position.slice(AUTH_POSITION.length) : position) as Position,
  };
}

/** Runs works one after the other, in the order in which they come; after one has failed, none. */
function oneAtATime(): (work: () => Promise<void> | void) => Promise<void> {
  let last = Promise.resolve();
  return (work) => {
    last = last.then(work);
    last.catch(() => undefined);
    return last;
  };
}

/** Ends both when one of them ends. */
function together(both: readonly Subscription[]): Subscription {
  const stop = async () => {
    await Promise.all(both.map((each) => each.stop()));
  };
  const closed = Promise.all(both.map((each) => each.closed)).then(() => undefined);
  const caughtUp = Promise.all(both.map((each) => each.caughtUp)).then(() => undefined);
  closed.catch(() => void stop());
  caughtUp.catch(() => undefined);
  return { caughtUp, closed, stop };
}
