import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DefaultModel, RegistryReport } from '@skynet/contracts';
import { Trouble } from '../ending/trouble.js';
import { localRegistry, type LocalRegistry } from '../models/local-registry.js';
import { findLocalServers, type LocalServer } from '../models/local-servers.js';
import { checkRegistry } from '../registry/registry-check.js';
import { counted } from '../registry/registry-view.js';
import type { StackOptions } from '../stack/stack.js';

/** What is to be said of the registry and of models when the stack is ready. */
export interface StartNews {
  /** What is wrong in the registry, in one line. */
  readonly registry?: string;
  /** Absent when it is not known, or the registry's own can not be used. */
  readonly defaultModel?: DefaultModel;
  /** Present when they were looked for. */
  readonly localServers?: readonly LocalServer[];
  /** What a registry has to say for their models to be used. */
  readonly localRegistry?: LocalRegistry;
}

export interface StartModels {
  readonly registry: StackOptions['registry'];
  readonly news: Promise<StartNews>;
}

const FILE = 'local-models.json';

/**
 * Looks which model agents have by default, and for servers of models here where that would be a scripted one. Where no
 * registry is named, what is found is used. Never fails: what can't be found out does not keep the stack from starting.
 */
export function startModels(registry: string | undefined, ports: readonly number[]): StartModels {
  const seen = look(registry, ports);
  if (registry !== undefined) return { registry: resolve(registry), news: seen };
  const written = Promise.withResolvers<boolean>();
  return {
    registry: async (dataFolder) => {
      const { localRegistry: found } = await seen;
      const file = found && (await write(join(dataFolder, FILE), found));
      written.resolve(file !== undefined);
      return file;
    },
    news: seen.then(async (news) => ((await written.promise) ? withLocalDefault(news) : news)),
  };
}

async function look(registry: string | undefined, ports: readonly number[]): Promise<StartNews> {
  try {
    const report = await checkRegistry(registry === undefined ? undefined : resolve(registry));
    const { defaultModel } = report;
    const news = { registry: noteOn(report, registry), defaultModel };
    if (defaultModel?.from !== 'nothing' || ports.length === 0) return news;
    const localServers = await findLocalServers(ports);
    return { ...news, localServers, localRegistry: localRegistry(localServers) };
  } catch (error) {
    return { registry: error instanceof Trouble ? error.message : String(error) };
  }
}

async function write(file: string, registry: LocalRegistry): Promise<string | undefined> {
  try {
    await writeFile(file, `${JSON.stringify(registry, undefined, 2)}\n`, { mode: 0o600 });
    return file;
  } catch {
    return undefined;
  }
}

function withLocalDefault(news: StartNews): StartNews {
  const { defaultModel: id = '' } = news.localRegistry ?? {};
  const why = 'it runs here, and neither a key nor a registry is there';
  return { ...news, defaultModel: { id, from: 'registry', why } };
}

function noteOn(report: RegistryReport, registry: string | undefined): string | undefined {
  if (registry === undefined || report.findings.length === 0) return undefined;
  return `${counted(report)}; "npm run skynet -- registry check --registry ${registry}" says what`;
}
