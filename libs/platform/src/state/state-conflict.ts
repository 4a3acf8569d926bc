/** Somebody else wrote the key first: read it and decide again. */
export class StateConflictError extends Error {
  override readonly name = 'StateConflictError';

  constructor(
    readonly bucket: string,
    readonly key: string,
  ) {
    super(`${bucket}/${key} was changed by another writer`);
  }
}
