/** The business says no. A value, never thrown; `next` tells the reader what to do about it. */
export interface Rejection<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
  readonly next: string;
}
