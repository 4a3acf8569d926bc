import { z } from 'zod';

/** Frozen: a new shape is a new version beside this one. */
export const toolTaskV1 = {
  /** The server of a call goes on with it as a task, and is asked for its result until it has one. */
  ToolTaskStarted: z.strictObject({
    toolCallId: z.string(),
    /** The server's own. */
    taskId: z.string(),
  }),
} as const;
