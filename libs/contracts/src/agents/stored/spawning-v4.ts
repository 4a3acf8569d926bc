import { z } from 'zod';
import { text } from './parts-v1.js';
import { spawningV3, specV2 } from './spawning-v3.js';

/** Frozen: a new shape is a new version beside this one. */
export const specV3 = specV2.extend({
  /** How it splits its task among others; absent when its model decides. */
  strategy: z
    .strictObject({
      name: z.string(),
      /** With all that was left to defaults, as JSON. */
      parameters: text,
    })
    .optional(),
});

/** Frozen: a new shape is a new version beside this one. */
export const spawningV4 = {
  AgentSpawned: spawningV3.AgentSpawned.extend({ spec: specV3 }),
  ChildReserved: spawningV3.ChildReserved.extend({ spec: specV3 }),
} as const;
