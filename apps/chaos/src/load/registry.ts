import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** What becomes of a call that broke off, see docs/failure-semantics.md. */
export const policies = ['retry', 'key', 'ask', 'fail'] as const;
export type Policy = (typeof policies)[number];

const PROGRAMS = resolve(import.meta.dirname, '../../programs');
/** Of a server that dies with its runtime; there are many deaths here. */
const RESTARTS = 1_000;

/** The registry of the stack, with one counting tool server for each policy; all count in one file. */
export async function writeRegistry(folder: string): Promise<{ file: string; ledger: string }> {
  await mkdir(folder, { recursive: true });
  const ledger = join(folder, 'calls.jsonl');
  await writeFile(ledger, '');
  const servers = policies.map((policy) => [
    policy,
    {
      transport: 'stdio',
      command: process.execPath,
      args: [join(PROGRAMS, 'counting-server.mjs'), ledger, policy],
      recovery: policy,
      restarts: RESTARTS,
      sandbox: 'preferred',
      folders: [{ path: folder, writable: true }],
    },
  ]);
  const registry = {
    models: { 'scripted:counting': { module: join(PROGRAMS, 'counting-model.mjs') } },
    servers: Object.fromEntries(servers) as object,
  };
  const file = join(folder, 'registry.json');
  await writeFile(file, JSON.stringify(registry, undefined, 2));
  return { file, ledger };
}
