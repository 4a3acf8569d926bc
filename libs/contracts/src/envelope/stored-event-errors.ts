/** A stored event that this program has no words for. It may be right: then a newer program wrote it. */
export class UnknownEventError extends Error {
  override readonly name = 'UnknownEventError';

  constructor(
    readonly type: string,
    readonly version: number,
    /** The type is known, and the version is above the newest known one: a newer program can read it. */
    readonly isNewer: boolean,
  ) {
    super(`unknown stored event ${type} v${version}`);
  }
}

/** A stored event of a known type and version with data that is none of it. `cause` is what its upcaster said. */
export class UnreadableEventError extends Error {
  override readonly name = 'UnreadableEventError';

  constructor(
    readonly type: string,
    readonly version: number,
    options?: { readonly cause?: unknown },
  ) {
    super(`the data of stored event ${type} v${version} can't be read`, options);
  }
}

/** A stream in a category of ours whose name is none that we give. */
export class StrangeStreamError extends Error {
  override readonly name = 'StrangeStreamError';

  constructor(readonly stream: string) {
    super(`${stream} is no name of an agent's stream`);
  }
}
