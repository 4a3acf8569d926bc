import { resolve } from 'node:path';
import type { RegistryFinding, RegistryReport } from '@skynet/contracts';
import { systemClock, within } from '@skynet/platform';
import type { RegistryCheckConfig } from '../config/agent-runtime.config.js';
import { autoReport } from './auto-report.js';
import { isAuto } from '../choosing/auto-models.js';
import { fallbackModel } from '../models/providers/default-model.js';
import { ModelCatalogue } from '../models/model-catalogue.js';
import { modelProviders } from '../models/providers/model-providers.js';
import type { Findings } from '../registry/entries/findings.js';
import { toldDefault, type Registry } from '../registry/registry.config.js';
import {
  loadRegistry,
  readRegistry,
  type ReadRegistry,
  type RegistryMeans,
} from '../registry/registry-file.js';
import { absentSummarisers } from '../spec/named-summarisers.js';
import { Strategies } from '../strategies/strategies.js';
import { stdioMistake } from './stdio-check.js';
import { checkStrict } from './strict-check.js';

/** A module may wait for something when it is loaded. */
const LOAD_LIMIT_MS = 10_000;

/**
 * Reads a registry and looks for what would only show when an agent needs it: programs that are not there, modules that do
 * not load, models without a provider or a price. Starts no server. Without a
 * file it only tells the default.
 */
export async function checkRegistry(
  file: string | undefined,
  config: RegistryCheckConfig,
  /** What `auto` would choose a model for, if that is asked. */
  task?: string,
): Promise<RegistryReport> {
  const means = { ...config, fallback: fallbackModel(config) };
  const { registry, findings } = lookAt(file, means);
  if (findings !== undefined) {
    checkServers(registry, findings, config);
    await checkModels(registry, findings, config);
    await checkStrategies(registry, findings);
    checkStrict(registry, findings);
    await checkSummarisers(registry, findings, config);
  }
  const auto = await autoReport(registry, catalogueOf(registry, config), task);
  const used = (kind: 'models' | 'servers' | 'templates') =>
    Object.keys(registry[kind]).filter((name) => !(`${kind}.${name}` in registry.refused)).length;
  return {
    file: file === undefined ? '' : resolve(file),
    findings: registry.findings.toSorted(inOrder),
    models: used('models'),
    servers: used('servers'),
    templates: used('templates'),
    secrets: registry.secrets.map(({ name }) => name).toSorted(),
    ...('defaultModel' in registry.refused ? {} : { defaultModel: toldDefault(registry) }),
    ...(auto !== undefined && { auto }),
  };
}

function catalogueOf(registry: Registry, config: RegistryCheckConfig): ModelCatalogue {
  const source = { current: registry };
  return new ModelCatalogue(modelProviders(config, source, systemClock), source);
}

/** File by file, as they were read. */
function inOrder(one: RegistryFinding, other: RegistryFinding): number {
  return one.file === other.file ? one.line - other.line : 0;
}

function lookAt(file: string | undefined, means: RegistryMeans): ReadRegistry {
  return file === undefined
    ? { registry: loadRegistry(undefined, means) }
    : readRegistry(file, means);
}

function checkServers(
  registry: Registry,
  findings: Findings,
  { environment, hostAddress }: RegistryCheckConfig,
): void {
  // Programs are then on another machine.
  if (hostAddress !== undefined) return;
  for (const [name, entry] of Object.entries(registry.servers)) {
    if (entry.transport !== 'stdio') continue;
    const mistake = stdioMistake(entry, registry.folder, environment);
    if (mistake === undefined) continue;
    const place = findings.placeOfServer(name);
    findings.add(place, { ...mistake, severity: 'refused' }, `servers.${name}`);
  }
}

/** Every model that an entry or a template names, and the default. */
async function checkModels(
  registry: Registry,
  findings: Findings,
  config: RegistryCheckConfig,
): Promise<void> {
  const source = { current: registry };
  const providers = modelProviders(config, source, systemClock);
  const models = new ModelCatalogue(providers, source);
  const prefixes = providers.map(({ prefix }) => prefix);
  for (const [name, { url }] of Object.entries(registry.providers)) {
    if (prefixes.includes(name) || url !== undefined) continue;
    const next = `Name one of ${prefixes.join(', ')}: what stands before the colon of a model. Or give it the url of an endpoint.`;
    const mistake = { path: [], cause: `there is no provider ${name}`, next };
    findings.add(['providers', name], { ...mistake, severity: 'warning' });
  }
  const check = async (id: string, place: readonly string[], entry: string) => {
    const cause = await mistakeOfModel(models, id);
    const next = 'Name another model, or mend its entry in `models`.';
    const mistake = { path: [], cause: cause ?? '', next, severity: 'refused' as const };
    if (cause !== undefined) findings.add(place, mistake, entry);
  };
  await checkNamed(registry, models, findings);
  if (registry.refused['defaultModel'] === undefined) {
    await check(registry.defaultModel, ['defaultModel'], 'defaultModel');
  }
  for (const id of Object.keys(registry.models)) {
    await check(id, ['models', id], `models.${id}`);
  }
  for (const [name, { model }] of Object.entries(registry.templates)) {
    if (model.id === undefined || isAuto(model.id) || model.id in registry.models) continue;
    await check(model.id, ['templates', name, 'model', 'id'], `templates.${name}`);
  }
}

/** What is chosen among, and what takes over: one that is not there is passed over. */
async function checkNamed(
  { auto, fallbacks = {} }: Registry,
  models: ModelCatalogue,
  findings: Findings,
): Promise<void> {
  const next = 'Name another model, or mend its entry in `models`; this one is passed over.';
  const named = [
    { place: ['auto'], ids: [...(auto?.models ?? []), ...(auto?.fallback ?? [])] },
    ...Object.entries(fallbacks).map(([id, { models: ids }]) => ({ place: ['fallback', id], ids })),
  ];
  for (const { place, ids } of named) {
    for (const id of new Set(ids)) {
      const cause = await mistakeOfModel(models, id);
      if (cause === undefined) continue;
      findings.add(place, { path: [], cause, next, severity: 'warning' });
    }
  }
}

async function checkSummarisers(
  registry: Registry,
  findings: Findings,
  config: RegistryCheckConfig,
): Promise<void> {
  const next = 'Name another model, or its price; until then agents write their own summaries.';
  const models = catalogueOf(registry, config);
  for (const { place, cause } of await absentSummarisers(registry, models)) {
    findings.add(place, { path: [], cause, next, severity: 'warning' });
  }
}

/** Modules are loaded, as a spawn would. */
async function checkStrategies(registry: Registry, findings: Findings): Promise<void> {
  const strategies = new Strategies({ current: registry });
  for (const name of Object.keys(registry.strategies ?? {})) {
    const cause = await strategies.find(name).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (cause === undefined) continue;
    const next = 'Let it export {about, next} by default: docs/strategies.md.';
    const mistake = { path: [], cause, next, severity: 'refused' as const };
    findings.add(['strategies', name], mistake, `strategies.${name}`);
  }
}

async function mistakeOfModel(models: ModelCatalogue, id: string): Promise<string | undefined> {
  const late = () => new Error(`its module has not loaded within ${LOAD_LIMIT_MS / 1_000} s`);
  try {
    const found = await within(systemClock, LOAD_LIMIT_MS, models.find(id), late);
    if (found === undefined) return withoutStop(models.explainUnknown(id));
    return found.price === undefined ? `the price of ${id} is unknown` : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
