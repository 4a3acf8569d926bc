import {
  rejection,
  splitToolName,
  type AgentId,
  type AgentSpec,
  type SpawnArguments,
  type Task,
} from '@skynet/contracts';
import { keptAttachments } from '../attachments/kept-attachments.js';
import { autoFor, isAuto } from '../choosing/auto-models.js';
import type { SpawnedAgent } from '@skynet/domain-agents';
import { isRefused, type Refused } from '@skynet/kernel';
import { hashOf, storeText, type PayloadStore } from '@skynet/platform';
import type { ModelCatalogue } from '../models/model-catalogue.js';
import { faultOfSchema, schemaTime } from '../output/output-schemas.js';
import type { Registry } from '../registry/registry.config.js';
import type { CurrentRegistry } from '../registry/registry-source.js';
import { visibleTo } from '../registry/tenants.js';
import type { ToolBox } from '../tools/tool-box.js';
import type { ToolUser } from '../tools/tool-server.port.js';
import { Strategies } from '../strategies/strategies.js';
import { compactionParts } from './compaction-model.js';
import { filledTemplate, taskOf, type FilledTemplate } from './filled-template.js';
import { byPrice, namedModel } from './named-model.js';
import { refused } from './refused.js';
import { wishesOf, type Wishes } from './wishes.js';

export interface SpecRequest {
  readonly tenant: string;
  readonly arguments: SpawnArguments;
  /** What the child inherits from. */
  readonly parent?: SpawnedAgent;
}

/** Tells a spawn that is sent again from another one. */
export function hashOfArguments(args: SpawnArguments, parentId: AgentId | undefined): string {
  return hashOf({ ...args, parentId });
}

/** Turns the arguments of a spawn into a specification that is pinned for the agent's life. */
export class SpecResolver {
  private readonly strategies: Strategies;

  constructor(
    private readonly source: CurrentRegistry,
    private readonly models: ModelCatalogue,
    private readonly payloads: PayloadStore,
    private readonly toolBox: Pick<ToolBox, 'absent'>,
  ) {
    this.strategies = new Strategies(source);
  }

  /** What is looked up all comes from one registry, whose hash is pinned. */
  async resolve(request: SpecRequest): Promise<AgentSpec | Refused> {
    for (;;) {
      const registry = this.source.current;
      const seen = visibleTo(registry, request.tenant);
      const resolved = await this.resolveFrom(seen, request);
      if (registry === this.source.current) return resolved;
    }
  }

  private async resolveFrom(
    registry: Registry,
    { arguments: args, parent, tenant }: SpecRequest,
  ): Promise<AgentSpec | Refused> {
    const template = filledTemplate(registry, args);
    if (isRefused(template)) return template;
    const { entry } = template;
    const wishes = wishesOf(args, entry, parent);
    const user = { tenant, rootId: parent?.spawned.rootId };
    const ofTools = await this.refusalOf(wishes.tools, registry, user);
    if (ofTools !== undefined) return ofTools;
    const ofOutput = refusalOfOutput(wishes.outputSchema, tenant);
    if (ofOutput !== undefined) return ofOutput;
    const parts = await this.askedParts(tenant, wishes, args);
    if (isRefused(parts)) return parts;
    const model = await this.modelOf(wishes, tenant);
    if (isRefused(model)) return model;
    return {
      task: await this.storeTask(tenant, taskOf(args, template.task)),
      ...(await this.templateParts(tenant, args.template, template)),
      pins: { registry: registry.hash, ...(entry && { template: hashOf(entry) }) },
      model,
      ...(await this.outputParts(tenant, wishes.outputSchema)),
      ...parts,
      ...(await compactionParts(this.models, { registry, entry, modelId: model.id, tenant })),
      tools: [...wishes.tools],
      limits: wishes.limits,
      priority: wishes.priority,
      onParentClose: args.onParentClose ?? 'terminate',
      metadata: notesOf(args),
      argsHash: hashOfArguments(args, parent?.spawned.agentId),
    };
  }

  /** Why the tools can not be granted; undefined when they can. */
  private async refusalOf(
    grants: readonly string[],
    registry: Registry,
    user: ToolUser,
  ): Promise<Refused | undefined> {
    const stranger = grants.find(
      (grant) => !Object.hasOwn(registry.servers, splitToolName(grant).server),
    );
    if (stranger !== undefined) {
      return refused('UNKNOWN_TOOL_SERVER', explainServer(registry, stranger));
    }
    const [absent] = await this.toolBox.absent(grants, user);
    if (absent === undefined) return undefined;
    return refused('UNKNOWN_TOOL', `${absent.tool} can not be granted: ${absent.reason}.`);
  }

  private async templateParts(
    tenant: string,
    name: string | undefined,
    { entry, instructions }: FilledTemplate,
  ): Promise<Pick<AgentSpec, 'template' | 'instructions' | 'topics' | 'notes' | 'answerSeconds'>> {
    if (instructions === undefined) return {};
    return {
      ...{ template: name, instructions: await storeText(this.payloads, tenant, instructions) },
      ...(entry?.topics !== undefined && { topics: [...new Set(entry.topics)] }),
      ...(entry?.notes === true && { notes: true }),
      ...(entry?.cache?.answers === true && { answerSeconds: entry.cache.seconds }),
    };
  }

  private async outputParts(
    tenant: string,
    schema: Wishes['outputSchema'],
  ): Promise<Pick<AgentSpec, 'outputSchema'>> {
    if (schema === undefined) return {};
    return { outputSchema: await storeText(this.payloads, tenant, JSON.stringify(schema)) };
  }

  private async askedParts(
    tenant: string,
    { strategy: wished }: Wishes,
    { attachments }: SpawnArguments,
  ): Promise<Pick<AgentSpec, 'strategy' | 'attachments'> | Refused> {
    const strategy = await this.strategyParts(tenant, wished);
    if (isRefused(strategy)) return strategy;
    const attached = await this.attachedParts(tenant, attachments);
    return isRefused(attached) ? attached : { ...strategy, ...attached };
  }

  private async attachedParts(
    tenant: string,
    asked: SpawnArguments['attachments'] = [],
  ): Promise<Pick<AgentSpec, 'attachments'> | Refused> {
    if (asked.length === 0) return {};
    const attachments = await keptAttachments(this.payloads, tenant, asked);
    return isRefused(attachments) ? attachments : { attachments: [...attachments] };
  }

  private async strategyParts(
    tenant: string,
    wished: Wishes['strategy'],
  ): Promise<Pick<AgentSpec, 'strategy'> | Refused> {
    if (wished === undefined) return {};
    const chosen = await this.strategies.choose(wished);
    if (isRefused(chosen)) return chosen;
    const { name, parameters } = chosen;
    const kept = await storeText(this.payloads, tenant, JSON.stringify(parameters));
    return { strategy: { name, parameters: kept } };
  }

  /** The model by that name, with the price of today. */
  async modelOf(
    { modelId, temperature, maxTokens }: Pick<Wishes, 'modelId' | 'temperature' | 'maxTokens'>,
    tenant: string,
  ): Promise<AgentSpec['model'] | Refused> {
    const id = namedModel(this.source.current, modelId, tenant);
    if (typeof id !== 'string') return id;
    if (isAuto(id))
      return this.anyOf(this.choicesOf(id, tenant), { id, temperature, maxTokens, tenant });
    const found = await this.models.find(id, tenant);
    if (found === undefined) {
      return refused('UNKNOWN_MODEL', this.models.explainUnknown(id, tenant));
    }
    const { price, defaultMaxTokens } = found;
    if (price === undefined) return refused('UNKNOWN_PRICE', `The price of ${id} is unknown.`);
    return { id, temperature, maxTokens: maxTokens ?? defaultMaxTokens, price };
  }

  /** What is chosen among for the id: itself, where it names a model. */
  choicesOf(id: string, tenant: string): readonly string[] {
    return autoFor(this.source.current, id, tenant)?.models ?? [id];
  }

  /** To be chosen when the agent begins; until then it counts as the dearest one. */
  private async anyOf(
    ids: readonly string[],
    wished: Pick<Wishes, 'temperature' | 'maxTokens'> & {
      readonly id: string;
      readonly tenant: string;
    },
  ): Promise<AgentSpec['model'] | Refused> {
    const { id, temperature, maxTokens, tenant } = wished;
    const models = await Promise.all(ids.map((each) => this.models.find(each, tenant)));
    const there = models.flatMap((model) => {
      const { price, defaultMaxTokens } = model ?? {};
      return price === undefined || defaultMaxTokens === undefined
        ? []
        : [{ price, defaultMaxTokens }];
    });
    const dearest = there
      .map(({ price }) => price)
      .sort(byPrice)
      .at(-1);
    if (dearest === undefined) {
      const why = ids.map((each) => this.models.explainUnknown(each, tenant)).slice(0, 3);
      return refused('UNKNOWN_MODEL', `There is no model for ${id}. ${why.join(' ')}`);
    }
    const most = Math.max(...there.map(({ defaultMaxTokens }) => defaultMaxTokens));
    return { id, temperature, maxTokens: maxTokens ?? most, price: dearest };
  }

  private async storeTask(tenant: string, task: SpawnArguments['task']): Promise<Task> {
    // Half a character would end the agent at the first provider that reads strictly.
    const store = (text: string) => storeText(this.payloads, tenant, text.toWellFormed());
    const { description, context, expectedOutput } = task;
    return {
      description: await store(description),
      context: context === undefined ? undefined : await store(context),
      expectedOutput: expectedOutput === undefined ? undefined : await store(expectedOutput),
    };
  }
}

/** Undefined when answers can be held against it, or are not. */
function refusalOfOutput(schema: Wishes['outputSchema'], tenant: string): Refused | undefined {
  if (schema === undefined) return undefined;
  const retryAfterMs = schemaTime.waitMs(tenant);
  if (retryAfterMs > 0) {
    const message = `output schemas of ${tenant} have taken too long in this minute`;
    return { refused: rejection('RATE_LIMITED', message, { retryAfterMs }) };
  }
  const fault = schemaTime.spend(tenant, () => faultOfSchema(schema));
  if (fault === undefined) return undefined;
  return refused('INVALID_ARGUMENTS', `outputSchema is no JSON Schema: ${fault}.`);
}

/** The name of an agent is one of its notes. */
function notesOf({ metadata, name }: SpawnArguments): AgentSpec['metadata'] {
  return { ...metadata, ...(name !== undefined && { name }) };
}

function explainServer(registry: Registry, grant: string): string {
  const { server } = splitToolName(grant);
  const why = registry.refused[`servers.${server}`];
  return why === undefined
    ? `There is no tool server for ${grant}.`
    : `The tool server ${server} is left out of the registry: ${why}.`;
}
