import { dirname } from 'node:path';
import { hashOf, Secret } from '@skynet/platform';
import { z } from 'zod';
import {
  readEntry,
  SEE_FORMS,
  unknownKey,
  type Mistake,
  type ReadEntry,
} from './entries/entry-reader.js';
import type { Findings } from './entries/findings.js';
import { isObject, type Path } from './entries/placed-json.js';
import {
  NO_FALLBACK,
  autoSchema,
  fallbackSchema,
  modelSchema,
  strategyModuleSchema,
  type FallbackModel,
  type ModelEntry,
  type Registry,
  type ServerEntry,
} from './registry.config.js';
import { readProvider } from './provider-reader.js';
import { readServer } from './server-reader.js';
import { TemplateFolderReader, type TemplateFolders } from './template-folders.js';
import { grantMistakes, readTemplate, strategyMistakes } from './template-reader.js';
import type { TemplateEntry } from './templates/template-entry.js';
import type { TemplateFile } from './templates/template-file.js';
import { allowLists } from './tenants.js';
import type { ValueSources } from './entries/variables.js';

const SECTIONS = [
  ...['defaultModel', 'models', 'providers', 'servers', 'mcpServers', 'templates'],
  ...['templateFolders', 'auto', 'fallback', 'strategies', 'compactionModel'],
];
/** For editors. */
const SCHEMA_KEY = '$schema';

type Raw = Readonly<Record<string, unknown>>;
type Read<Entry> = (name: string, entry: unknown) => ReadEntry<Entry>;

/** What templates may name. */
interface KnownNames {
  readonly servers: readonly string[];
  readonly strategies: readonly string[];
}

interface ReaderMeans {
  readonly fallback?: FallbackModel;
  readonly templateFolders?: TemplateFolders;
}

/** Reads a registry entry by entry: one that is wrong is left out alone. */
export class RegistryReader {
  private readonly folder: string;
  private readonly files: string[];
  private readonly templateFolders: TemplateFolderReader;
  /** Server entries without the values of variables and secrets. */
  private readonly written: Record<string, object> = {};

  /** Without a file there is nothing but templates that stand in files of their own. */
  constructor(
    private readonly file: string | undefined,
    private readonly findings: Findings,
    private readonly sources: ValueSources & ReaderMeans,
  ) {
    this.folder = file === undefined ? process.cwd() : dirname(file);
    this.files = file === undefined ? [] : [file];
    this.templateFolders = new TemplateFolderReader(findings);
  }

  read(raw: Raw, repeated: readonly Path[]): Registry {
    this.checkKeys(raw);
    for (const path of repeated) {
      const next = 'Remove one of them; the last one counts.';
      this.findings.add(path, { path: [], cause: 'it is there twice', next, severity: 'warning' });
    }
    const models = this.section(raw, 'models', (_, entry) => readEntry(modelSchema, entry));
    const providers = this.section(raw, 'providers', (name, entry) =>
      readProvider(name, entry, this.sources),
    );
    const strategies = this.section(raw, 'strategies', (_, entry) =>
      readEntry(strategyModuleSchema, entry),
    );
    const servers = this.servers(raw);
    const known = { servers: Object.keys(servers), strategies: Object.keys(strategies) };
    const inRegistry = this.templates(raw, known);
    const ofFiles = this.templateFiles(raw);
    const templates = { ...inRegistry, ...this.fromFiles(ofFiles, known) };
    const { files, values } = this.sources.secrets;
    return {
      folder: this.folder,
      ...this.defaultModel(raw),
      ...this.auto(raw),
      ...this.compactionModel(raw),
      fallbacks: this.section(raw, 'fallback', (_, entry) => readEntry(fallbackSchema, entry)),
      models,
      providers,
      servers,
      strategies,
      templates,
      templateFiles: Object.fromEntries(ofFiles.map(({ name, file }) => [name, file])),
      refused: this.findings.refused,
      tenants: allowLists(raw, Object.fromEntries(ofFiles.map(({ name, named }) => [name, named]))),
      findings: this.findings.all,
      hash: hashOf({ models: pinnedOf(models), servers: this.written }),
      files: [...this.files, ...this.templateFolders.files, ...files],
      secrets: [...values].map(([name, value]) => ({ name, value: new Secret(value) })),
    };
  }

  private checkKeys(raw: Raw): void {
    const unknown = Object.keys(raw).filter((key) => ![...SECTIONS, SCHEMA_KEY].includes(key));
    for (const key of unknown) this.findings.add([], unknownKey(key, [], SECTIONS));
  }

  private defaultModel({ defaultModel }: Raw): Pick<Registry, 'defaultModel' | 'fallback'> {
    const { fallback = NO_FALLBACK } = this.sources;
    if (defaultModel === undefined) return { defaultModel: fallback.id, fallback };
    const { entry, mistakes } = readEntry(z.string().min(1), defaultModel);
    for (const mistake of mistakes) this.findings.add(['defaultModel'], mistake, 'defaultModel');
    // One that is wrong is refused, so this one is nobody's.
    return { defaultModel: entry ?? fallback.id };
  }

  private compactionModel({ compactionModel: given }: Raw): Pick<Registry, 'compactionModel'> {
    if (given === undefined) return {};
    const { entry, mistakes } = readEntry(z.string().min(1).max(128), given);
    for (const mistake of mistakes)
      this.findings.add(['compactionModel'], mistake, 'compactionModel');
    return entry === undefined ? {} : { compactionModel: entry };
  }

  private auto({ auto, defaultModel }: Raw): Pick<Registry, 'auto'> {
    const { among } = this.sources.fallback ?? NO_FALLBACK;
    const known = defaultModel === undefined && among !== undefined ? { models: among } : undefined;
    const given = auto ?? known;
    if (given === undefined) return {};
    const { entry, mistakes } = readEntry(autoSchema, given);
    for (const mistake of mistakes)
      this.findings.add(['auto'], mistake, entry === undefined ? 'auto' : undefined);
    return entry === undefined ? {} : { auto: entry };
  }

  private servers(raw: Raw): Record<string, ServerEntry> {
    const read: Read<ServerEntry> = (name, given) => {
      const { entry, written, isDisabled, mistakes } = readServer(name, given, this.sources);
      if (written !== undefined) this.written[name] = written;
      if (isDisabled)
        this.findings.refused[`servers.${name}`] = 'it is switched off in the registry';
      return { entry, mistakes: [...mistakes, ...this.exposures(given)] };
    };
    const own = this.section(raw, 'servers', read);
    const twice: Read<ServerEntry> = (name, given) =>
      isObject(raw['servers']) && Object.hasOwn(raw['servers'], name)
        ? { mistakes: [{ ...SAME_NAME, path: [] }] }
        : read(name, given);
    return { ...this.section(raw, 'mcpServers', twice), ...own };
  }

  /** Files of secrets that others can read are named where the first of them is used. */
  private exposures(given: unknown): Mistake[] {
    const { exposed } = this.sources.secrets;
    const files = [...exposed];
    exposed.clear();
    const path = isObject(given) && 'headers' in given ? ['headers'] : ['env'];
    return files.map((file) => ({
      path,
      cause: `every user of this machine can read the secrets in ${file}`,
      next: `chmod 600 ${file}`,
      severity: 'warning',
    }));
  }

  private templates(raw: Raw, { servers, strategies }: KnownNames): Record<string, TemplateEntry> {
    return this.section(raw, 'templates', (name, given) => {
      const { entry, mistakes, file } = readTemplate(name, given, this.folder);
      if (file !== undefined) this.files.push(file);
      const ofGrants = entry && grantMistakes(entry, servers, this.findings.refused);
      const ofStrategy = entry && strategyMistakes(entry, strategies);
      return { entry, mistakes: [...mistakes, ...(ofGrants ?? []), ...(ofStrategy ?? [])] };
    });
  }

  private templateFiles(raw: Raw): TemplateFile[] {
    const { templateFolders: others = {} } = this.sources;
    const base = this.file === undefined ? undefined : this.folder;
    const folders = this.templateFolders.foldersOf(raw['templateFolders'], base, others);
    const taken = isObject(raw['templates']) ? Object.keys(raw['templates']) : [];
    return this.templateFolders.read(folders, new Set(taken), this.files);
  }

  /** Of a template that stands in a file of its own only the grants are left out that no server can fill. */
  private fromFiles(
    files: readonly TemplateFile[],
    { servers, strategies }: KnownNames,
  ): Record<string, TemplateEntry> {
    const known = files.flatMap((each) => {
      const { name, entry, mistakes } = each;
      const place = ['templates', name];
      this.findings.placeEntry(place.join('.'), each);
      const left = entry === undefined ? `templates.${name}` : undefined;
      for (const mistake of mistakes) this.findings.add(place, mistake, left);
      if (entry === undefined) return [];
      const ofGrants = grantMistakes(entry, servers, this.findings.refused);
      for (const mistake of ofGrants) this.findings.add(place, { ...mistake, severity: 'warning' });
      for (const mistake of strategyMistakes(entry, strategies))
        this.findings.add(place, { ...mistake, severity: 'warning' });
      const isLeftOut = (index: number) => ofGrants.some(({ path }) => path[1] === index);
      const tools = entry.tools?.filter((_, index) => !isLeftOut(index));
      return [[name, { ...entry, ...(tools && { tools }) }] as const];
    });
    return Object.fromEntries(known);
  }

  private section<Entry>(raw: Raw, key: string, read: Read<Entry>): Record<string, Entry> {
    const entries = raw[key] ?? {};
    if (!isObject(entries)) {
      const mistake = { path: [], cause: 'it is no object', next: SEE_FORMS };
      this.findings.add([key], { ...mistake, severity: 'refused' });
      return {};
    }
    const kind = key === 'mcpServers' ? 'servers' : key;
    const known = Object.entries(entries).flatMap(([name, given]) => {
      const { entry, mistakes } = read(name, given);
      for (const mistake of mistakes) {
        this.findings.add(
          [key, name],
          mistake,
          entry === undefined ? `${kind}.${name}` : undefined,
        );
      }
      return entry === undefined ? [] : [[name, entry] as const];
    });
    return Object.fromEntries(known);
  }
}

/** How often a model may be called changes nothing of what an agent does. */
function pinnedOf(models: Readonly<Record<string, ModelEntry>>): Record<string, ModelEntry> {
  const pinned = Object.entries(models).map(
    ([id, { limits: _, ...entry }]) => [id, entry] as const,
  );
  return Object.fromEntries(pinned);
}

const SAME_NAME = {
  cause: 'there is a server of this name in `servers`, which counts',
  next: 'Remove one of them.',
  severity: 'warning',
} as const;
