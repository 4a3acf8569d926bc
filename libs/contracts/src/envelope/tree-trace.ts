import { z } from 'zod';

const META_KEY = 'skynet/trace';

/** Where the trace of a tree is, with the span of one of its agents. */
export interface TreeTrace {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** Of a page that shows it; absent when none is known. */
  readonly url?: string | undefined;
}

const metaSchema = z.object({
  [META_KEY]: z.object({
    traceId: z.string().regex(/^[0-9a-f]{32}$/),
    spanId: z.string().regex(/^[0-9a-f]{16}$/),
    url: z
      .url({ protocol: /^https?$/ })
      // Writes out what a terminal would act on.
      .transform((url) => new URL(url).href)
      .optional(),
  }),
});

/** How traces of trees stand in `_meta` of answers about agents, under `skynet/trace`, and where they can be looked at. */
export const treeTraces = {
  toMeta: (trace: TreeTrace): Readonly<Record<string, TreeTrace>> => ({ [META_KEY]: trace }),

  /** Undefined when the answer names none. */
  ofMeta: (meta: unknown): TreeTrace | undefined => metaSchema.safeParse(meta).data?.[META_KEY],

  /** Where Jaeger, whose pages begin at this URL, shows the tree with the agent marked. */
  jaegerPage: (jaegerUrl: string, { traceId, spanId }: TreeTrace): string =>
    `${jaegerUrl.replace(/\/$/, '')}/trace/${traceId}?uiFind=${spanId}`,
} as const;
