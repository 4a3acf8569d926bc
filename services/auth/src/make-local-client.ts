import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { roleSchema, tenantSchema } from '@skynet/contracts';
import { z } from 'zod';
import { makeLocalClient } from './local-client.js';

const USAGE =
  'make-local-client --data <folder> [--clients <file>] [--tenant local] [--roles admin,operator]';

const optionsSchema = z.strictObject({
  data: z.string().min(1),
  clients: z.string().min(1).optional(),
  tenant: tenantSchema.default('local'),
  roles: z
    .string()
    .default('admin')
    .transform((names) => names.split(','))
    .pipe(z.array(roleSchema).min(1)),
});

try {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      clients: { type: 'string' },
      tenant: { type: 'string' },
      roles: { type: 'string' },
    },
  });
  const parsed = optionsSchema.safeParse(values);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const { data, clients = join(data, 'clients.json'), tenant, roles } = parsed.data;
  const client = await makeLocalClient({ dataFolder: data, clientsFile: clients, tenant, roles });
  process.stdout.write(`${JSON.stringify(client)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exitCode = 1;
}
