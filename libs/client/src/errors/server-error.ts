/**
 * What is wrong with a server or the way to it. `EDGE_` is the MCP server, `AUTH_` the server that makes tokens and keeps
 * users and clients.
 */
export type ServerErrorCode =
  /** Nobody answers there, or not yet, or somebody else does. */
  | 'EDGE_AWAY'
  /** It has taken the call and does not answer in time. */
  | 'EDGE_SILENT'
  /** It does not take the token, nor the next one. */
  | 'EDGE_UNAUTHORIZED'
  /** One request too many, for longer than a call waits. */
  | 'EDGE_RATE_LIMITED'
  /** It has answered with an error that is no refusal. */
  | 'EDGE_FAILED'
  /** Nobody answers there, or not to the end. */
  | 'AUTH_AWAY'
  /** What answers there is something else. */
  | 'AUTH_OTHER';

/** There is no answer to work with. The message is a sentence that names the server; what to do is said by who shows it. */
export class ServerError extends Error {
  override readonly name = 'ServerError';

  constructor(
    readonly code: ServerErrorCode,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}
