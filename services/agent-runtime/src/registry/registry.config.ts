import {
  priceSchema,
  tenantSchema,
  type DefaultModel,
  type RegistryFinding,
} from '@skynet/contracts';
import type { Secret } from '@skynet/platform';
import { sandboxModes } from '@skynet/tool-host';
import { z } from 'zod';
import type { TemplateEntry } from './templates/template-entry.js';

const MIB = 1_024 * 1_024;

const recovery = z.enum(['retry', 'key', 'ask', 'fail']);

/** How long a result stands for the same call; 0: not at all. Of tools that may be called again: recovery `retry`. */
const cache = z.strictObject({ seconds: z.int().nonnegative().max(86_400) }).optional();

/** Longest that a call takes which tells of its progress. Default: 600, and never less than its time without a word. */
const maxSeconds = z.number().positive().max(86_400).optional();

const toolOptions = z.strictObject({
  recovery: recovery.optional(),
  cache,
  timeoutSeconds: z.number().positive().max(3_600).optional(),
  maxSeconds,
});

/** What it is told of the context of the client that made the tree. Default: nothing. */
const context = z
  .strictObject({
    tracestate: z.boolean().default(false),
    /** Keys of entries. */
    baggage: z
      .array(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'not a key of baggage'))
      .default([]),
  })
  .optional();

/** Who may use it. Default: all. */
const tenants = z.array(tenantSchema).optional();

const serverBase = {
  /** For tools that `tools` does not name. Default `ask`: nobody vouches that a repeat does no harm. */
  recovery: recovery.default('ask'),
  cache,
  timeoutSeconds: z.number().positive().max(3_600).default(60),
  maxSeconds,
  /** Longest that a start takes: the first one may have to fetch the program. */
  startSeconds: z.number().positive().max(3_600).default(120),
  /** Largest answer that is taken in; with a larger one the call failed. */
  maxAnswerBytes: z
    .int()
    .min(1_024)
    .max(256 * MIB)
    .default(10 * MIB),
  tools: z.record(z.string(), toolOptions).default({}),
  /** Whatever it says of its tools is offered; else a definition that changes waits for an operator. */
  trusted: z.boolean().default(false),
  tenants,
  context,
  /** Who has a process, or connection, together. Default: the agents of one tenant, never those of two. */
  isolation: z.enum(['agent', 'tree', 'tenant', 'shared']).default('tenant'),
  /** After so long without a call a process is ended. Default: 15 minutes; one that is shared is kept. */
  idleSeconds: z.number().positive().max(86_400).optional(),
};

/** Most processes, or connections, at a time. */
const instances = (most: number) => z.int().positive().max(10_000).default(most);

/** A path alone is one that is read. */
const sharedFolder = z.preprocess(
  (given) => (typeof given === 'string' ? { path: given } : given),
  z.strictObject({
    path: z.string().refine((path) => path !== '/', 'the whole machine is no folder to share'),
    writable: z.boolean().default(false),
  }),
);

/** Of a process that this product starts. */
const sandboxed = {
  /** Default: not without one. `preferred`: where there is one; `none`: with all rights of the runtime's user. */
  sandbox: z.enum(sandboxModes).default('required'),
  /** All of it, this machine's own ports too. */
  network: z.boolean().default(false),
  /** What it sees beside the system, its program and what its arguments name; from the registry's folder. */
  folders: z.array(sharedFolder).default([]),
  limits: z
    .strictObject({
      processes: z.int().positive().default(256),
      memoryMib: z.int().positive().default(2_048),
    })
    .prefault({}),
};

/** By which tokens for a server over HTTP are asked for. */
const clientCredentials = z
  .strictObject({
    login: z.literal(false).optional(),
    /** The authorization server that they are of. */
    issuer: z.url({ protocol: /^https?$/ }),
    clientId: z.string().min(1).max(2_048),
    clientSecret: z.string().min(1).optional(),
    /** PEM or JWK. */
    privateKey: z.string().min(1).optional(),
    /** Of `privateKey`. */
    algorithm: z.enum(['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA']).default('ES256'),
    /** With spaces between them. Default: what the server asks for. */
    scope: z.string().min(1).max(2_048).optional(),
  })
  .refine(
    ({ clientSecret, privateKey }) => (clientSecret === undefined) !== (privateKey === undefined),
    'needs either clientSecret or privateKey',
  );

/** How a person logs in to a server over HTTP. A server that lets people log in needs no entry of it. */
const personLogin = z
  .strictObject({
    login: z.literal(true),
    /** The only authorization server that may be logged in at. Default: the one that the server names. */
    issuer: z.url({ protocol: /^https?$/ }).optional(),
    /** Default: this product registers itself. */
    clientId: z.string().min(1).max(2_048).optional(),
    clientSecret: z.string().min(1).optional(),
    /** Of a document that describes this product, for authorization servers that take its URL as a client id. */
    clientMetadataUrl: z.url({ protocol: /^https$/ }).optional(),
    /** With spaces between them. Default: what the server asks for. */
    scope: z.string().min(1).max(2_048).optional(),
  })
  .refine(
    ({ clientSecret, clientId, issuer }) =>
      clientSecret === undefined || (clientId !== undefined && issuer !== undefined),
    'clientSecret needs clientId, and issuer: it is shown to no other',
  );

export const serverSchema = z
  .discriminatedUnion('transport', [
    z.strictObject({
      transport: z.literal('stdio'),
      command: z.string().min(1),
      args: z.array(z.string()).default([]),
      env: z.record(z.string(), z.string()).default({}),
      /** From the registry's folder, which is the default. */
      cwd: z.string().optional(),
      /** Times a minute that a server which died is started again. */
      restarts: z.int().nonnegative().default(5),
      instances: instances(16),
      ...sandboxed,
      ...serverBase,
    }),
    z.strictObject({
      /** `sse`: HTTP+SSE, as servers had it before Streamable HTTP. */
      transport: z.enum(['http', 'sse']),
      url: z.url({ protocol: /^https?$/ }),
      headers: z.record(z.string(), z.string()).default({}),
      oauth: z.discriminatedUnion('login', [clientCredentials, personLogin]).optional(),
      instances: instances(1_000),
      /** Whether its name may lead to an address that is not public. One that stands in the URL itself may anyway. */
      allowPrivate: z.boolean().default(false),
      ...serverBase,
    }),
  ])
  .superRefine(({ tools, recovery: ofAll, cache: forAll }, found) => {
    const placed = [
      { path: ['cache'], recovery: ofAll, cache: forAll },
      ...Object.entries(tools).map(([name, tool]) => ({
        path: ['tools', name, 'cache'],
        recovery: tool.recovery ?? ofAll,
        cache: tool.cache,
      })),
    ];
    for (const { path, recovery: own, cache: wished } of placed) {
      if (own === 'retry' || (wished?.seconds ?? 0) === 0) continue;
      const message = 'needs recovery "retry": what may not be called again has no result to keep';
      found.addIssue({ code: 'custom', path, message });
    }
  });
export type ServerEntry = z.infer<typeof serverSchema>;

/** What becomes of a call of the tool that broke off. */
export function recoveryOf(
  { tools, recovery }: ServerEntry,
  tool: string,
): ServerEntry['recovery'] {
  return (Object.hasOwn(tools, tool) ? tools[tool]?.recovery : undefined) ?? recovery;
}

/** How long a result of the tool stands for the same call, seconds; 0: not at all. */
export function cacheSecondsOf(entry: ServerEntry, tool: string): number {
  if (recoveryOf(entry, tool) !== 'retry') return 0;
  const own = Object.hasOwn(entry.tools, tool) ? entry.tools[tool]?.cache : undefined;
  return (own ?? entry.cache)?.seconds ?? 0;
}

const perMinute = z.int().positive().max(1_000_000_000).optional();

/** Of all workers together. Default: no limit. */
const rateLimits = z
  .strictObject({
    requestsPerMinute: perMinute,
    /** Input and output. */
    tokensPerMinute: perMinute,
  })
  .optional();
export type RateLimits = z.infer<typeof rateLimits>;

/** Of a model: tokens that a request and its answer may have together. Default: its provider's, if known. */
const contextTokens = z.int().min(1_024).max(100_000_000).optional();

/** Under the prefix of its models; with a name of its own it is an endpoint that speaks as OpenAI does. */
export const providerSchema = z.strictObject({
  limits: rateLimits,
  url: z.url({ protocol: /^https?$/ }).optional(),
  /** Instead of the variable of the provider. */
  apiKey: z.string().min(1).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** Whether its name may lead to an address that is not public. One that stands in the URL itself may anyway. */
  allowPrivate: z.boolean().optional(),
  /** Of its models, where they have none themselves. */
  price: priceSchema.optional(),
  contextTokens,
});
export type ProviderEntry = z.infer<typeof providerSchema>;

export const modelSchema = z.strictObject({
  /** Of a scripted model: file of the module, relative to the registry. */
  module: z.string().optional(),
  price: priceSchema.optional(),
  maxTokens: z.int().positive().optional(),
  contextTokens,
  tenants,
  /** Whether images of tools are shown to it. */
  sees: z.boolean().optional(),
  /** `short`: of the descriptions of tools it reads the first sentence. Default: `full`. */
  offer: z.enum(['full', 'short']).optional(),
  /** `strict`: its vendor holds it to the schemas of tools. Default: `plain`. */
  toolFormat: z.enum(['plain', 'strict']).optional(),
  /** For `auto`: 1 small, 2 middle, 3 large. Default: by its name, else by its price. */
  skill: z.literal([1, 2, 3]).optional(),
  /** For `auto`: whether it calls tools. Default: true. */
  tools: z.boolean().optional(),
  /** For `auto`: whether its answers fit a schema. Default: true. */
  structured: z.boolean().optional(),
  /** Beside those of its provider. */
  limits: rateLimits,
  /** Writes summaries for agents of this one. Default: that of the registry. */
  compactionModel: z.string().min(1).max(128).optional(),
});

export type ModelEntry = z.infer<typeof modelSchema>;

const modelIds = z.array(z.string().min(1).max(256)).min(1);

/** What `auto` chooses among, and how. */
export const autoSchema = z.strictObject({
  models: modelIds.max(32),
  preference: z.enum(['cost', 'balanced', 'quality']).default('balanced'),
  /** Whether what became of agents before counts. */
  adaptive: z.boolean().default(true),
  /** Instead of one whose calls fail, in this order. Default: the next best of `models`. */
  fallback: modelIds.max(8).optional(),
  /** Also when a model refuses to answer. */
  onRefusal: z.boolean().default(false),
});
export type AutoEntry = z.infer<typeof autoSchema>;

/** A list alone is one of models. */
export const fallbackSchema = z.preprocess(
  (given) => (Array.isArray(given) ? { models: given } : given),
  z.strictObject({ models: modelIds.max(8), onRefusal: z.boolean().default(false) }),
);
export type FallbackEntry = z.infer<typeof fallbackSchema>;

/** A strategy of one's own. */
export const strategyModuleSchema = z.strictObject({
  /** File of the module, relative to the registry. */
  module: z.string().min(1),
});
export type StrategyModule = z.infer<typeof strategyModuleSchema>;

/** What the operator allows: models with prices, tool servers with recovery policies, templates. */
export interface Registry {
  /** Folder that relative paths of the registry start from. */
  readonly folder: string;
  readonly defaultModel: string;
  /** Present when `defaultModel` is not the registry's own. */
  readonly fallback?: FallbackModel;
  /** Writes summaries of long conversations. Absent: the model of the agent does. */
  readonly compactionModel?: string;
  /** Absent: `auto` is the default model. */
  readonly auto?: AutoEntry;
  /** What is asked instead of a model whose calls fail, by its id. Absent: nothing. */
  readonly fallbacks?: Readonly<Record<string, FallbackEntry>>;
  readonly models: Readonly<Record<string, ModelEntry>>;
  /** By the prefix of their models. */
  readonly providers: Readonly<Record<string, ProviderEntry>>;
  readonly servers: Readonly<Record<string, ServerEntry>>;
  readonly templates: Readonly<Record<string, TemplateEntry>>;
  /** Absent: only those that come with the product. */
  readonly strategies?: Readonly<Record<string, StrategyModule>>;
  /** Files of those that stand in one of their own, used or left out, by name. Absent: none does. */
  readonly templateFiles?: Readonly<Record<string, string>>;
  /** Why entries are left out, by `servers.<name>`, `models.<name>`, `providers.<name>`, `templates.<name>`, `strategies.<name>`, `defaultModel`. */
  readonly refused: Readonly<Record<string, string>>;
  /** Who may use entries that are not for all tenants, by `servers.<name>`, `models.<name>`, `templates.<name>`. */
  readonly tenants: Readonly<Record<string, readonly string[]>>;
  readonly findings: readonly RegistryFinding[];
  /** Of models and servers, without the values of variables and secrets. */
  readonly hash: string;
  /** Files and folders that were read, or are missing. */
  readonly files: readonly string[];
  /** What entries got for `secret://name`. */
  readonly secrets: readonly { readonly name: string; readonly value: Secret }[];
}

/** The default where the registry names none. */
export type FallbackModel = DefaultModel & {
  readonly from: 'key' | 'nothing';
  /** What `auto` chooses among then. */
  readonly among?: readonly string[];
};

export const NO_FALLBACK: FallbackModel = {
  id: 'scripted:echo',
  from: 'nothing',
  why: 'no key of a vendor is set, and no registry names one',
};

/** The model of agents for which nobody names one, and why it is that one. */
export function toldDefault({ auto, defaultModel, fallback }: Registry): DefaultModel {
  if (fallback === undefined)
    return { id: defaultModel, from: 'registry', why: 'the registry names it' };
  const { id, from, why } = fallback;
  if (auto === undefined || auto.models.length < 2) return { id, from, why };
  const among = `chosen for each task among ${auto.models.join(', ')}`;
  const ofKeys = fallback.among?.join() === auto.models.join();
  return ofKeys
    ? { id: 'auto', from, why: `${why}: ${among}` }
    : { id: 'auto', from: 'registry', why: among };
}
