import { z } from 'zod';

// Frozen, and copies on purpose: what the log holds does not follow the shapes that programs use today.

export const tenant = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** Of a user or a client. */
export const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'expected 1 to 64 of a-z, 0-9, _ and -');

/** `scrypt$N$r$p$salt$key`, salt and key in base64url. */
export const scryptHash = z
  .string()
  .regex(/^scrypt\$\d+\$\d+\$\d+\$[A-Za-z0-9_-]{16,}\$[A-Za-z0-9_-]{43}$/);

export const role = z.enum(['viewer', 'operator', 'admin']);

export const scope = z.enum(['agents:read', 'agents:spawn', 'agents:control', 'agents:admin']);
