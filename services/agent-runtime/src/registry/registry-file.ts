import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { hashOf, type Environment } from '@skynet/platform';
import { Secrets } from '../secrets/secrets.js';
import { Findings } from './entries/findings.js';
import { isObject, NoJsonError, readPlacedJson, type PlacedJson } from './entries/placed-json.js';
import { NO_FALLBACK, type FallbackModel, type Registry } from './registry.config.js';
import { RegistryReader } from './registry-reader.js';
import type { TemplateFolders } from './template-folders.js';

const MAX_BYTES = 4 * 1_024 * 1_024;

/**
 * Reads the registry file. Entries that are wrong are left out, and the findings say why; of a file that can't be read there
 * are only the built-in models, as without a path. Safe to repeat.
 */
export function loadRegistry(path: string | undefined, means: RegistryMeans): Registry {
  return readRegistry(path, means).registry;
}

/** Where values come from that do not stand in the registry itself. */
export interface RegistryMeans {
  readonly environment: Environment;
  /** File or folder of secrets. Default: `/run/secrets`. */
  readonly secretsPath?: string;
  /** What is the default where the registry names none. Default: `scripted:echo`. */
  readonly fallback?: FallbackModel;
  /** Where templates are beside those of the registry. Default: nowhere. */
  readonly templateFolders?: TemplateFolders;
}

/** A registry and what finds more in it. */
export interface ReadRegistry {
  readonly registry: Registry;
  /** Its findings are those of the registry. Absent when nothing could be read. */
  readonly findings?: Findings;
}

/** As `loadRegistry`, for who looks for more findings. */
export function readRegistry(path: string | undefined, means: RegistryMeans): ReadRegistry {
  const file = path === undefined ? undefined : resolve(path);
  try {
    const placed = file === undefined ? NO_FILE : readPlacedJson(readText(file));
    if (!isObject(placed.value)) throw new Error('it is no JSON object');
    const findings = new Findings(file ?? '', placed);
    const sources = { ...means, secrets: new Secrets(means.secretsPath) };
    const reader = new RegistryReader(file, findings, sources);
    return { registry: reader.read(placed.value, placed.repeated), findings };
  } catch (error) {
    if (file === undefined) throw error;
    return { registry: unreadable(file, error, means) };
  }
}

const NO_FILE: PlacedJson = { value: {}, repeated: [], lineOf: () => 1 };

/** Whether nothing of the file could be read. */
export function isUnreadable({ findings }: Registry): boolean {
  return findings.some(({ path, severity }) => path === '' && severity === 'refused');
}

function readText(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw new Error('there is no such file');
  if (!found.isFile()) throw new Error('it is no file');
  if (found.size > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
  return readFileSync(file, 'utf8');
}

function nothing(folder: string, { fallback = NO_FALLBACK }: RegistryMeans): Registry {
  const [models, providers, servers, templates] = [{}, {}, {}, {}];
  const defaults = { defaultModel: fallback.id, fallback };
  const sections = { models, providers, servers, templates };
  const hash = hashOf({ models, servers });
  const rest = { refused: {}, tenants: {}, findings: [], hash, files: [], secrets: [] };
  return { folder, ...defaults, ...sections, ...rest };
}

function unreadable(file: string, error: unknown, means: RegistryMeans): Registry {
  const reason = error instanceof Error ? error.message : String(error);
  const cause = `the registry can not be read: ${reason}`;
  const line = error instanceof NoJsonError ? error.line : 1;
  const next = 'Mend the file; until then there are only the built-in models.';
  return {
    ...nothing(dirname(file), means),
    // Whoever asks for the default of this registry must not get another one in silence.
    refused: { defaultModel: cause },
    findings: [{ file, line, path: '', cause, next, severity: 'refused' }],
    files: [file],
  };
}
