import { z } from 'zod';
import { templatesAnswerSchema, templateViewSchema } from '../agents/template-view.js';
import { registryFindingSchema } from './registry-finding.js';

/** The templates of all tenants, as one worker sees them. */
export const allTemplatesAnswerSchema = templatesAnswerSchema.extend({
  worker: z.string(),
  templates: z.array(
    templateViewSchema.extend({
      /** Absent: the registry. */
      file: z.string().optional(),
      /** Who may name it. Absent: all. */
      tenants: z.array(z.string()).optional(),
    }),
  ),
  /** Why templates are left out, by name. */
  refused: z.array(z.object({ name: z.string(), reason: z.string() })),
  /** Of templates, and of what they lack. */
  findings: z.array(registryFindingSchema),
});
export type AllTemplatesAnswer = z.infer<typeof allTemplatesAnswerSchema>;
