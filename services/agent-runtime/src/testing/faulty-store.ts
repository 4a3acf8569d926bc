import { WorldError, type EventStore } from '@skynet/platform';

/** A log that refuses appends to some streams, as a network would. */
export function faultyStore(
  store: EventStore,
  fails: (stream: string, types: readonly string[]) => boolean,
): EventStore {
  return {
    ...passedOn(store),
    append: (stream, events, expected, options) => {
      const types = events.map(({ type }) => type);
      if (fails(stream, types)) return Promise.reject(new WorldError('no connection', 'later'));
      return store.append(stream, events, expected, options);
    },
  };
}

/** A log that takes an append when the test lets it. */
export function slowStore(
  store: EventStore,
  gate: (stream: string, types: readonly string[]) => Promise<void>,
): EventStore {
  return {
    ...passedOn(store),
    append: async (stream, events, expected, options) => {
      await gate(
        stream,
        events.map(({ type }) => type),
      );
      return store.append(stream, events, expected, options);
    },
  };
}

/** A log that lets no stream go where it fails so. */
export function keepingStore(
  store: EventStore,
  fails: (stream: string) => 'later' | 'never' | undefined,
): EventStore {
  return {
    ...passedOn(store),
    deleteStream: (stream, lastRevision) => {
      const retry = fails(stream);
      if (retry !== undefined) return Promise.reject(new WorldError('it stays', retry));
      return store.deleteStream(stream, lastRevision);
    },
  };
}

/** A log whose readers hear nothing until the test lets them. */
export function silentStore(store: EventStore, silence: () => Promise<void>): EventStore {
  return {
    ...passedOn(store),
    subscribe: (options, handler) =>
      store.subscribe(options, async (commit) => {
        await silence();
        return handler(commit);
      }),
  };
}

/** A log whose streams can't be read now and then. */
export function unreadableStore(store: EventStore, fails: (stream: string) => boolean): EventStore {
  return {
    ...passedOn(store),
    read: (stream, options) => {
      if (fails(stream)) return Promise.reject(new WorldError('no connection', 'later'));
      return store.read(stream, options);
    },
  };
}

/** A log in which somebody else writes just before an append. */
export function contestedStore(store: EventStore, write: (stream: string) => void): EventStore {
  return {
    ...passedOn(store),
    append: (stream, events, expected, options) => {
      write(stream);
      return store.append(stream, events, expected, options);
    },
  };
}

/** A log whose subscriptions go on only when the gate is open. */
export function stallingStore(store: EventStore, gate: () => Promise<void>): EventStore {
  return {
    ...passedOn(store),
    subscribe: (options, handler) =>
      store.subscribe(options, async (commit) => {
        await gate();
        await handler(commit);
      }),
  };
}

function passedOn(store: EventStore): EventStore {
  return {
    kind: store.kind,
    append: (stream, events, expected, options) => store.append(stream, events, expected, options),
    read: (stream, options) => store.read(stream, options),
    deleteStream: (stream, lastRevision) => store.deleteStream(stream, lastRevision),
    subscribe: (options, handler) => store.subscribe(options, handler),
    head: (prefix) => store.head(prefix),
    comparePositions: (a, b) => store.comparePositions(a, b),
    close: () => store.close(),
  };
}
