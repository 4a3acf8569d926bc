import { z } from 'zod';
import { tenantSchema } from '../envelope/ids.js';

/** Characters of a template's hash that are shown as its version. */
export const TEMPLATE_VERSION_CHARS = 12;

/** Long texts are cut. */
export const templateViewSchema = z.object({
  name: z.string(),
  /** One line. */
  description: z.string(),
  /** Beginning of its hash, which agents pin. */
  version: z.string(),
  /** Absent: that of the parent, else the default. */
  model: z.string().optional(),
  /** Absent: those of the parent. */
  tools: z.array(z.string()).optional(),
  limits: z.record(z.string(), z.number()),
  arguments: z.array(
    z.object({
      name: z.string(),
      description: z.string().optional(),
      required: z.boolean(),
      default: z.string().optional(),
      choices: z.array(z.string()).optional(),
    }),
  ),
  /** Whether there is a schema of what its agents answer. */
  hasOutput: z.boolean(),
  /** Name of the strategy of its agents. */
  strategy: z.string().optional(),
});

/** Question on `q.views.templates`: those that the tenant may name, by name. Safe to retry. */
export const templatesRequestSchema = z.object({ tenant: tenantSchema });

export const templatesAnswerSchema = z.object({
  templates: z.array(templateViewSchema),
  /** So many more did not fit into the answer. */
  more: z.int().nonnegative(),
});
