/** The business says no. A value, never thrown; `next` tells the reader what to do about it. */
export interface Rejection<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
  readonly next: string;
  /** Name of the limit that is reached. Default: it is no limit that says no. */
  readonly limit?: string;
  /** When the same request may be accepted. Default: nobody knows, or never. */
  readonly retryAfterMs?: number;
}

/** What stands in place of a value that the business does not give: every result is `Value | Refused`. */
export interface Refused<Code extends string = string> {
  readonly refused: Rejection<Code>;
}

/** Of a result whose value has no field of that name. */
export function isRefused(result: object): result is Refused {
  return 'refused' in result;
}
