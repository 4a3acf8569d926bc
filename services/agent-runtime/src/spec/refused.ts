import { rejection } from '@skynet/contracts';
import type { Refused } from '@skynet/kernel';

/** No to a spawn, in words. */
export function refused(code: Parameters<typeof rejection>[0], message: string): Refused {
  return { refused: rejection(code, message) };
}
