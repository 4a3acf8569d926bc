import { z } from 'zod';

/**
 * What a client says of its context beside `traceparent`, for tool servers. In parts that are well-formed: a part that is
 * not is left out by whoever reads it from the client.
 */
export const clientContextSchema = z.strictObject({
  /** W3C `tracestate`, and the trace that it belongs to: it goes with no other. */
  tracestate: z
    .strictObject({
      traceId: z.string().regex(/^[0-9a-f]{32}$/),
      members: z.string().regex(/^[ -~]{1,512}$/),
    })
    .optional(),
  /** Entries of W3C `baggage` in their order, as they were sent: `key=value;property`. */
  baggage: z
    .array(
      z
        .string()
        .max(8_192)
        .regex(/^[!-+.-<>-~-]+=[!-+.-~-]*$/),
    )
    .max(64)
    .optional(),
});
export type ClientContext = z.infer<typeof clientContextSchema>;
