import { z } from 'zod';

/** viewer reads; operator also spawns and controls; admin also manages users and repairs agents. */
export const roleSchema = z.enum(['viewer', 'operator', 'admin']);
export type Role = z.infer<typeof roleSchema>;
