import { z } from 'zod';
import { payloadRef } from '../stored/parts-v1.js';

/** Frozen: a new shape is a new version beside this one. The bytes are a payload; its hash is the id of the attachment. */
export const attachmentV1 = z.strictObject({
  content: payloadRef,
  mediaType: z.string().max(127),
  name: z.string().max(255).optional(),
});
