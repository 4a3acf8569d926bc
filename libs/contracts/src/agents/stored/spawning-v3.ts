import { text } from './parts-v1.js';
import { spawningV1 } from './spawning-v1.js';
import { spawningV2 } from './spawning-v2.js';
import { specV1 } from './spec-v1.js';

/** Frozen: a new shape is a new version beside this one. */
export const specV2 = specV1.extend({
  /** JSON Schema of the answer, as JSON; absent when any text will do. */
  outputSchema: text.optional(),
});

/** Frozen: a new shape is a new version beside this one. */
export const spawningV3 = {
  AgentSpawned: spawningV2.AgentSpawned.extend({ spec: specV2 }),
  ChildReserved: spawningV1.ChildReserved.extend({ spec: specV2 }),
} as const;
