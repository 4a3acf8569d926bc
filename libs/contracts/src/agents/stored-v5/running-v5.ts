import { z } from 'zod';
import { runningV4 } from '../stored/running-v4.js';
import { attachmentV1 } from './attachment-v1.js';

/** Frozen: a new shape is a new version beside this one. */
export const runningV5 = {
  ModelCallSettled: runningV4.ModelCallSettled.extend({
    /** No call was made: it is the answer to the same request of another time. What that saved. */
    fromCache: z
      .strictObject({ tokens: z.int().nonnegative(), savedMicroUsd: z.int().nonnegative() })
      .optional(),
  }),
  ToolCallSettled: runningV4.ToolCallSettled.extend({
    /** Images and files that it brought. Absent: none. */
    attachments: z.array(attachmentV1).optional(),
  }),
} as const;
