import type { StateStore } from '@skynet/platform';

/** Value of the rows in this suite. */
export interface Row {
  readonly name: string;
  readonly tags?: readonly string[] | undefined;
  readonly nested?: { readonly on: boolean; readonly none: null };
}

/** A fresh bucket for the test that runs. */
export interface BucketAccess {
  bucket(): StateStore<Row>;
  /** The same bucket as another process sees it. */
  anotherView(): Promise<StateStore<Row>>;
}
