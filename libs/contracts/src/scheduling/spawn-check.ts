import { z } from 'zod';
import { spawnArgumentsSchema } from '../agents/commands.js';
import { tenantSchema } from '../envelope/ids.js';
import { rejectionSchema } from '../errors/codes.js';

/** Question on `q.spawn.check`: whether a root with these arguments would be spawned now. Nothing is. Safe to retry. */
export const spawnCheckRequestSchema = z.strictObject({
  tenant: tenantSchema,
  arguments: spawnArgumentsSchema,
});

/** `refused` is absent when nothing is wrong with the arguments; quotas of the moment are not looked at. */
export const spawnCheckAnswerSchema = z.object({ refused: rejectionSchema.optional() });
