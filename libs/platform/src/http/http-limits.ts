/** What a caller may take of a port before anybody knows who it is. */
export interface HttpLimits {
  /** Longest until the headers of a request are there, from its beginning or that of the connection. */
  readonly headersMs: number;
  /** Longest until a whole request is there; an answer may take longer. */
  readonly requestMs: number;
  /** Longest that a connection is idle between two requests. */
  readonly keepAliveMs: number;
  /** Most connections at a time. */
  readonly connections: number;
  /** Most connections at a time of one address; of IPv6 of one network of 64 bits. */
  readonly connectionsPerAddress: number;
}
