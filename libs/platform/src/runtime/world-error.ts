/** The world failed (network, server, vendor). `retry` says whether trying again may help; `cause` is kept. */
export class WorldError extends Error {
  override readonly name: string = 'WorldError';

  constructor(
    message: string,
    readonly retry: 'never' | 'later',
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}
