import { z } from 'zod';
import { priceSchema } from '../agents/agent-spec.js';

/** What is wrong in the operator's registry, and where. No value of it is told, only names. */
export const registryFindingSchema = z.object({
  file: z.string(),
  /** From 1. */
  line: z.int().positive(),
  /** Place in the file, as `servers.files.command`; empty for the whole file. */
  path: z.string(),
  cause: z.string(),
  /** What to do about it. */
  next: z.string(),
  /** Whether the entry is left out, or used all the same. */
  severity: z.enum(['refused', 'warning']),
});
export type RegistryFinding = z.infer<typeof registryFindingSchema>;

/** The model of agents for which nobody names one. */
const defaultModelSchema = z.object({
  id: z.string(),
  /** `key`: of a vendor; `nothing`: there is none either, and so it is a scripted one. */
  from: z.enum(['registry', 'key', 'nothing']),
  /** As the end of a sentence. */
  why: z.string(),
});
export type DefaultModel = z.infer<typeof defaultModelSchema>;

/** What `auto` chooses among. */
const autoReportSchema = z.object({
  preference: z.enum(['cost', 'balanced', 'quality']),
  models: z.array(
    z.object({
      id: z.string(),
      /** 1 small, 2 middle, 3 large. */
      skill: z.literal([1, 2, 3]),
      /** Absent when nobody knows it. */
      price: priceSchema.optional(),
      contextTokens: z.int().optional(),
      sees: z.boolean(),
      tools: z.boolean(),
      structured: z.boolean(),
      /** Why it is not to be had. */
      absence: z.string().optional(),
    }),
  ),
  /** For the task that was asked about. */
  choice: z
    .object({
      /** Absent when none can do it. */
      model: z.string().optional(),
      reasons: z.array(z.string()),
      refused: z.array(z.object({ model: z.string(), reason: z.string() })),
    })
    .optional(),
});
export type AutoReport = z.infer<typeof autoReportSchema>;

/** What a look at a registry, or at what there is without one, came to. */
export const registryReportSchema = z.object({
  /** Empty when there is none. */
  file: z.string(),
  findings: z.array(registryFindingSchema),
  /** Entries that are used. */
  models: z.int().nonnegative(),
  servers: z.int().nonnegative(),
  templates: z.int().nonnegative(),
  /** Names of secrets that servers get. */
  secrets: z.array(z.string()).default([]),
  /** Absent when the registry's own can not be used. */
  defaultModel: defaultModelSchema.optional(),
  /** Absent when `auto` is the default model. */
  auto: autoReportSchema.optional(),
});
export type RegistryReport = z.infer<typeof registryReportSchema>;
