import { delimiter, resolve } from 'node:path';
import type { RequestedLimits } from '@skynet/contracts';
import {
  loadConfig,
  platformSettings,
  platformVariables,
  secretText,
  type Environment,
  type PlatformSettings,
  type Secret,
} from '@skynet/platform';
import { parseHostAddress, type HostAddress } from '@skynet/tool-host';
import { z } from 'zod';
import type { TemplateFolders } from '../registry/template-folders.js';
import { DEFAULT_SECRETS } from '../secrets/secrets.js';

const DAY_MS = 86_400_000;
const SHIPPED_TEMPLATES = resolve(import.meta.dirname, '../../../../templates');

const count = (fallback: number) => z.coerce.number().int().positive().default(fallback);
const amount = (fallback: number) => z.coerce.number().int().nonnegative().default(fallback);

/** All variables that the service reads. */
/** A part of the host that is asked. */
const awsRegion = z.string().regex(/^[a-z0-9-]{1,32}$/);

export const agentRuntimeEnvironment = z.object({
  ...platformVariables,
  AGENT_RUNTIME_HOST: z.string().default('127.0.0.1'),
  /** Health checks only. */
  AGENT_RUNTIME_PORT: z.coerce.number().int().min(0).max(65_535).default(7_512),
  /** File of models, tool servers and templates. Default: only the built-in models. */
  AGENT_RUNTIME_REGISTRY: z.string().optional(),
  /** Folders of templates, separated by colons, beside that of the registry. Default: the templates that come with it. */
  AGENT_RUNTIME_TEMPLATES: z.string().optional(),
  /**
   * Where stdio tool servers are started, `unix:/path` or `tcp://host:port`. Default: a process that this one starts,
   * without its secrets.
   */
  AGENT_RUNTIME_TOOL_HOST: z
    .string()
    .transform((text, context) => {
      const address = parseHostAddress(text);
      if (address === undefined) context.addIssue('is neither unix:/path nor tcp://host:port');
      return address;
    })
    .optional(),
  /** File or folder of what `secret://name` stands for. */
  AGENT_RUNTIME_SECRETS: z.string().default(DEFAULT_SECRETS),
  /** Folder of people's logins to tool servers; replicas may share it. Default: nobody can log in. */
  AGENT_RUNTIME_TOOL_LOGINS: z.string().min(1).optional(),
  /** Folders that no stdio tool server sees, separated by colons: beside the registry and files that variables name. */
  AGENT_RUNTIME_HIDDEN: z.string().optional(),
  /** Agents that run in this process at the same time. */
  AGENT_RUNTIME_SLOTS: count(64),
  /** Tries of one model call. */
  AGENT_RUNTIME_MODEL_ATTEMPTS: count(5),
  /** Trees of one tenant that wait to start; beyond them a spawn is refused, to be sent again later. */
  AGENT_RUNTIME_MAX_WAITING_TREES_PER_TENANT: count(100_000),
  /** Days after which trees that have ended are forgotten; a fraction counts. 0: never. */
  AGENT_RUNTIME_RETENTION_DAYS: z.coerce.number().nonnegative().max(36_500).default(0),
  /** Folder that each of them is exported to before. Default: to none. */
  AGENT_RUNTIME_RETENTION_ARCHIVE: z.string().min(1).optional(),
  /** Limits of a root that names none; 0 means zero. */
  AGENT_RUNTIME_DEFAULT_TOKENS: amount(2_000_000),
  AGENT_RUNTIME_DEFAULT_COST_MICRO_USD: amount(5_000_000),
  AGENT_RUNTIME_DEFAULT_SECONDS: amount(86_400),
  AGENT_RUNTIME_DEFAULT_DEPTH: amount(5),
  AGENT_RUNTIME_DEFAULT_CHILDREN: amount(10),
  AGENT_RUNTIME_DEFAULT_DESCENDANTS: amount(99),
  /** Switches `anthropic:<model>` on. */
  ANTHROPIC_API_KEY: secretText().optional(),
  ANTHROPIC_BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Whether the name in it may lead to an address that is not public. One that stands there itself may anyway. */
  ANTHROPIC_ALLOW_PRIVATE: z.stringbool().default(false),
  /** Each switches models of its vendor on; URLs stand in `providers` of the registry. */
  OPENAI_API_KEY: secretText().optional(),
  GOOGLE_GENERATIVE_AI_API_KEY: secretText().optional(),
  MISTRAL_API_KEY: secretText().optional(),
  AZURE_API_KEY: secretText().optional(),
  AWS_BEARER_TOKEN_BEDROCK: secretText().optional(),
  /** Sign requests to Bedrock, where there is no key. */
  AWS_ACCESS_KEY_ID: secretText().optional(),
  AWS_SECRET_ACCESS_KEY: secretText().optional(),
  AWS_SESSION_TOKEN: secretText().optional(),
  /** Where the registry names no URL, Bedrock is asked there. */
  AWS_REGION: awsRegion.optional(),
});

const VENDOR_KEYS = {
  OPENAI_API_KEY: true,
  GOOGLE_GENERATIVE_AI_API_KEY: true,
  MISTRAL_API_KEY: true,
  AZURE_API_KEY: true,
  AWS_BEARER_TOKEN_BEDROCK: true,
  AWS_ACCESS_KEY_ID: true,
  AWS_SECRET_ACCESS_KEY: true,
  AWS_SESSION_TOKEN: true,
} as const;
export type VendorKey = keyof typeof VENDOR_KEYS;

export interface RetentionConfig {
  /** How long a tree that has ended is kept; 0: for ever. */
  readonly afterMs: number;
  /** Folder of archives, made before a tree is forgotten. Default: none are made. */
  readonly archiveFolder?: string;
}

export interface AgentRuntimeConfig {
  readonly host: string;
  readonly port: number;
  readonly registryFile?: string;
  readonly templateFolders: TemplateFolders;
  readonly secretsPath: string;
  readonly toolServers: {
    readonly hostAddress?: HostAddress;
    readonly hidden: readonly string[];
    /** Of logins to servers. Absent: nobody can log in. */
    readonly loginsFolder?: string;
    readonly environment: Environment;
  };
  readonly slots: number;
  readonly modelAttempts: number;
  readonly maxWaitingTreesPerTenant: number;
  readonly retention: RetentionConfig;
  readonly rootDefaults: Required<RequestedLimits>;
  readonly anthropic?: {
    readonly apiKey: Secret;
    readonly baseUrl?: string;
    /** Default: false. */
    readonly allowPrivate?: boolean;
  };
  /** By the variable that they came in. */
  readonly vendorKeys: Readonly<Partial<Record<VendorKey, Secret>>>;
  readonly awsRegion?: string;
  readonly platform: PlatformSettings;
}

/** What a look at the registry needs; nothing else has to be set. */
export type RegistryCheckConfig = Pick<AgentRuntimeConfig, 'anthropic'> &
  Partial<
    Pick<AgentRuntimeConfig, 'secretsPath' | 'templateFolders' | 'vendorKeys' | 'awsRegion'>
  > &
  Pick<AgentRuntimeConfig['toolServers'], 'environment' | 'hostAddress'>;

export function readRegistryCheckConfig(
  environment: Environment = process.env,
): RegistryCheckConfig {
  const variables = agentRuntimeEnvironment.pick({
    ANTHROPIC_API_KEY: true,
    ANTHROPIC_BASE_URL: true,
    ANTHROPIC_ALLOW_PRIVATE: true,
    ...VENDOR_KEYS,
    AWS_REGION: true,
    AGENT_RUNTIME_TOOL_HOST: true,
    AGENT_RUNTIME_SECRETS: true,
    AGENT_RUNTIME_TEMPLATES: true,
  });
  const read = loadConfig(variables, environment);
  const secretsPath = resolve(read.AGENT_RUNTIME_SECRETS);
  const hostAddress = read.AGENT_RUNTIME_TOOL_HOST;
  const templateFolders = templatesConfig(read.AGENT_RUNTIME_TEMPLATES);
  return { ...modelsConfig(read), environment, hostAddress, secretsPath, templateFolders };
}

function templatesConfig(folders: string | undefined): TemplateFolders {
  if (folders === undefined) return { shipped: SHIPPED_TEMPLATES };
  const own = folders.split(delimiter).filter((folder) => folder !== '');
  return { own: own.map((folder) => resolve(folder)) };
}

type ModelSettings = Pick<
  z.infer<typeof agentRuntimeEnvironment>,
  'ANTHROPIC_API_KEY' | 'ANTHROPIC_BASE_URL' | 'ANTHROPIC_ALLOW_PRIVATE' | 'AWS_REGION' | VendorKey
>;

function modelsConfig(
  read: ModelSettings,
): Pick<AgentRuntimeConfig, 'anthropic' | 'vendorKeys' | 'awsRegion'> {
  const { ANTHROPIC_API_KEY: apiKey, ANTHROPIC_BASE_URL: baseUrl } = read;
  const allowPrivate = read.ANTHROPIC_ALLOW_PRIVATE;
  const names = Object.keys(VENDOR_KEYS) as VendorKey[];
  return {
    anthropic: apiKey === undefined ? undefined : { apiKey, baseUrl, allowPrivate },
    vendorKeys: Object.fromEntries(names.map((name) => [name, read[name]])),
    awsRegion: read.AWS_REGION,
  };
}

export function readAgentRuntimeConfig(environment: Environment = process.env): AgentRuntimeConfig {
  const read = loadConfig(agentRuntimeEnvironment, environment);
  return {
    host: read.AGENT_RUNTIME_HOST,
    port: read.AGENT_RUNTIME_PORT,
    registryFile: read.AGENT_RUNTIME_REGISTRY,
    templateFolders: templatesConfig(read.AGENT_RUNTIME_TEMPLATES),
    secretsPath: resolve(read.AGENT_RUNTIME_SECRETS),
    toolServers: {
      hostAddress: read.AGENT_RUNTIME_TOOL_HOST,
      hidden: hiddenFrom(environment, read),
      ...loginsConfig(read),
      environment,
    },
    slots: read.AGENT_RUNTIME_SLOTS,
    modelAttempts: read.AGENT_RUNTIME_MODEL_ATTEMPTS,
    maxWaitingTreesPerTenant: read.AGENT_RUNTIME_MAX_WAITING_TREES_PER_TENANT,
    retention: retentionConfig(read),
    rootDefaults: {
      tokens: read.AGENT_RUNTIME_DEFAULT_TOKENS,
      costMicroUsd: read.AGENT_RUNTIME_DEFAULT_COST_MICRO_USD,
      seconds: read.AGENT_RUNTIME_DEFAULT_SECONDS,
      depth: read.AGENT_RUNTIME_DEFAULT_DEPTH,
      children: read.AGENT_RUNTIME_DEFAULT_CHILDREN,
      descendants: read.AGENT_RUNTIME_DEFAULT_DESCENDANTS,
    },
    ...modelsConfig(read),
    platform: platformSettings(read),
  };
}

function loginsConfig({
  AGENT_RUNTIME_TOOL_LOGINS: folder,
}: {
  readonly AGENT_RUNTIME_TOOL_LOGINS?: string;
}): { readonly loginsFolder?: string } {
  return folder === undefined ? {} : { loginsFolder: resolve(folder) };
}

function retentionConfig(read: {
  readonly AGENT_RUNTIME_RETENTION_DAYS: number;
  readonly AGENT_RUNTIME_RETENTION_ARCHIVE?: string;
}): RetentionConfig {
  const { AGENT_RUNTIME_RETENTION_DAYS: days, AGENT_RUNTIME_RETENTION_ARCHIVE: folder } = read;
  const afterMs = Math.ceil(days * DAY_MS);
  return { afterMs, ...(folder !== undefined && { archiveFolder: resolve(folder) }) };
}

/** What is not for tool servers: files that variables name, the registry, its secrets, archives, logins, and what else it was told. */
function hiddenFrom(
  environment: Environment,
  read: {
    readonly AGENT_RUNTIME_REGISTRY?: string;
    readonly AGENT_RUNTIME_SECRETS: string;
    readonly AGENT_RUNTIME_HIDDEN?: string;
    readonly AGENT_RUNTIME_RETENTION_ARCHIVE?: string;
    readonly AGENT_RUNTIME_TOOL_LOGINS?: string;
  },
): string[] {
  const names = Object.keys(agentRuntimeEnvironment.shape);
  const files = names.map((name) => environment[name.endsWith('_FILE') ? name : `${name}_FILE`]);
  const told = read.AGENT_RUNTIME_HIDDEN?.split(delimiter) ?? [];
  const { AGENT_RUNTIME_REGISTRY: registry, AGENT_RUNTIME_SECRETS: secrets } = read;
  const { AGENT_RUNTIME_RETENTION_ARCHIVE: archives, AGENT_RUNTIME_TOOL_LOGINS: logins } = read;
  return [...files, registry, secrets, archives, logins, ...told].flatMap((path) =>
    path ? [resolve(path)] : [],
  );
}
