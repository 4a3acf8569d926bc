import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Trouble } from '../ending/trouble.js';

/** The checkout that this program was built in, with the services beside it. */
export const REPOSITORY = resolve(import.meta.dirname, '../../../..');

/** Where Node keeps what it has compiled; never needed, only faster. */
export const COMPILE_CACHE = join(REPOSITORY, '.cache/compiled');

const services = ['auth', 'scheduler', 'agent-runtime', 'mcp-edge'] as const;
export type ServiceName = (typeof services)[number];

/** A built program of a service. */
export function serviceProgram(service: ServiceName, program = 'main.js'): string {
  return join(REPOSITORY, 'services', service, 'dist', program);
}

/** @throws Trouble that names the services without a program */
export function requireBuilt(): void {
  const missing = services.filter((service) => !existsSync(serviceProgram(service)));
  if (missing.length === 0) return;
  throw new Trouble(`Not built: ${missing.join(', ')}.`, { next: 'Run "npm run build".' });
}
