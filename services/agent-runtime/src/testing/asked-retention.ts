import {
  retentionAnswerSchema,
  subjects,
  type RetentionAnswer,
  type RetentionRequest,
} from '@skynet/contracts';
import { CHECKPOINTS, MemoryMessageBus } from '@skynet/platform';
import type { RuntimeWorld } from './runtime-world.js';

/** As an operator asks for it. */
export async function askedRetention(
  world: RuntimeWorld,
  request: RetentionRequest = {},
): Promise<RetentionAnswer> {
  const bus = new MemoryMessageBus(world.broker, world.clock);
  return retentionAnswerSchema.parse(await bus.request(subjects.retention, request));
}

/** Trees that are noted as being forgotten. */
export async function notedTrees(world: RuntimeWorld): Promise<string[]> {
  const notes = await world.rowsIn(CHECKPOINTS);
  return (await notes.scan('retention.')).entries.map(({ key }) => key);
}
