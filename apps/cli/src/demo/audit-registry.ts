import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { REPOSITORY } from '../stack/repository.js';

/** Where the demo's registry, templates and scripted models are. */
export const AUDIT_FOLDER = join(REPOSITORY, 'examples/licence-audit');

const FILE_SERVER = 'files';

/** What the demo changes in its registry; everything else is passed on as it is. */
const registrySchema = z.looseObject({
  models: z.record(z.string(), z.looseObject({ module: z.string() })),
  servers: z.record(z.string(), z.looseObject({ args: z.tuple([z.string()], z.string()) })),
  templates: z.record(
    z.string(),
    z.looseObject({ instructions: z.string(), model: z.looseObject({ id: z.string() }) }),
  ),
});
type AuditRegistry = z.infer<typeof registrySchema>;

export interface AuditSubject {
  /** The project to audit, the only folder that the agents can see. */
  readonly folder: string;
  /** Model of all agents; default: the scripted ones. */
  readonly model?: string;
}

/** Writes the registry of one run into a folder and returns its path. */
export async function writeAuditRegistry(into: string, subject: AuditSubject): Promise<string> {
  const text = await readFile(join(AUDIT_FOLDER, 'registry.json'), 'utf8');
  const registry = registrySchema.parse(JSON.parse(text));
  const file = join(into, 'registry.json');
  const run = { ...registry, ...(await partsOf(registry, subject)) };
  await writeFile(file, JSON.stringify(run, undefined, 2), { mode: 0o600 });
  return file;
}

async function partsOf(
  { models, servers, templates }: AuditRegistry,
  { folder, model: modelId }: AuditSubject,
): Promise<Pick<AuditRegistry, 'models' | 'servers' | 'templates'>> {
  const instructed = Object.entries(templates).map(async ([name, template]) => {
    const instructions = await readFile(join(AUDIT_FOLDER, template.instructions), 'utf8');
    const model = modelId === undefined ? template.model : { ...template.model, id: modelId };
    return [name, { ...template, instructions, model }] as const;
  });
  return {
    models: mapValues(models, (model) => ({ ...model, module: inAuditFolder(model.module) })),
    servers: mapValues(servers, (server, name) => {
      if (name !== FILE_SERVER) return server;
      const [program] = server.args;
      return {
        ...server,
        command: process.execPath,
        args: [inAuditFolder(program), folder],
        cwd: AUDIT_FOLDER,
      };
    }),
    templates: Object.fromEntries(await Promise.all(instructed)),
  };
}

function inAuditFolder(path: string): string {
  return resolve(AUDIT_FOLDER, path);
}

function mapValues<Value>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value, name: string) => Value,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, change(value, name)]),
  );
}
