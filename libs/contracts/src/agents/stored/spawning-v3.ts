import { spawningV1 } from './spawning-v1.js';
import { spawningV2 } from './spawning-v2.js';
import { specV2 } from './spec-v2.js';

/** Frozen: a new shape is a new version beside this one. */
export const spawningV3 = {
  AgentSpawned: spawningV2.AgentSpawned.extend({ spec: specV2 }),
  ChildReserved: spawningV1.ChildReserved.extend({ spec: specV2 }),
} as const;
