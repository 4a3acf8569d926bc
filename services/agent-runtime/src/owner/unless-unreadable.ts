import { faultOf } from '@skynet/platform';

/** Undefined when a stream that it needs can't be read: there is nobody to do anything to. */
export async function unlessUnreadable<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (faultOf(error) === undefined) throw error;
    return undefined;
  }
}
