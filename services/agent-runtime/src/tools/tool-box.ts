import { splitToolName, type ClientContext, type ToolServersAnswer } from '@skynet/contracts';
import {
  attributeNames as names,
  serverAttributes,
  within,
  WorldError,
  type Clock,
  type Logger,
  type SpanAttributes,
} from '@skynet/platform';
import type { RecoveryPolicy } from '@skynet/domain-agents';
import type { ModelTool } from '../models/model.port.js';
import { recoveryOf } from '../registry/registry.config.js';
import type { CurrentRegistry } from '../registry/registry-source.js';
import { isFor } from '../registry/tenants.js';
import { placeOfResult } from './place-of-result.js';
import { ResultCache } from './result-cache.js';
import { passedContext } from './client-context.js';
import { askServer, viewServers, type LoginsOfServers, type ShownLogin } from './server-views.js';
import type {
  LeftOut,
  ToolCallRequest,
  ToolList,
  ToolResult,
  ToolServer,
  ToolUser,
} from './tool-server.port.js';

/** A spawn waits so long for a server that has not told yet what it has. */
const SPAWN_PATIENCE_MS = 1_000;
/** Longest call that tells of its progress, where the registry says nothing. */
const PROGRESS_SECONDS = 600;

export interface OfferedTool {
  /** Named `server__tool`. */
  readonly tool: ModelTool;
  readonly recovery: RecoveryPolicy;
}

/** What servers have for an agent; names are `server__tool`. */
export interface Offered {
  readonly tools: readonly OfferedTool[];
  readonly leftOut: readonly LeftOut[];
  /** What servers say of all their tools, by server. */
  readonly said: Readonly<Record<string, string>>;
}

/** A call of which the box knows the rest. */
interface BoxedCall extends Omit<
  ToolCallRequest,
  'tool' | 'timeoutMs' | 'mostMs' | 'tracestate' | 'baggage'
> {
  /** Of the client that made the tree. */
  readonly context?: ClientContext;
}

export interface ToolBoxMeans {
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
  /** Of people to servers. Default: none. */
  readonly logins?: {
    find(server: string, entry: { readonly url: string }): Promise<ShownLogin | undefined>;
  };
  /** Ends what the servers ran in and with. Default: nothing to end. */
  readonly closeRest?: () => Promise<void>;
}

/** The servers of the registry, each as one user has it; without a user, as operators look at it. */
export interface ServersForUsers {
  get(name: string, user?: ToolUser): ToolServer | undefined;
  values(): Iterable<ToolServer>;
  /** Ends what is held for an agent that has ended, and for its tree when that is over. Absent: nothing is. */
  release?(user: ToolUser, isTreeOver: () => boolean): void;
}

/** All tool servers of the registry under one roof; names are `server__tool`. */
export class ToolBox {
  private readonly results: ResultCache;

  constructor(
    private readonly registry: CurrentRegistry,
    private readonly servers: ServersForUsers,
    private readonly means: ToolBoxMeans,
  ) {
    this.results = new ResultCache(means.clock);
  }

  /** Tools of the servers that the grants name, and what of the grants is not there, with the reason. */
  async list(grants: readonly string[], user?: ToolUser): Promise<Offered> {
    const servers = [...new Set(grants.map((grant) => splitToolName(grant).server))];
    const lists = await Promise.all(
      servers.map((name) =>
        this.listServer(
          name,
          grants.filter((grant) => splitToolName(grant).server === name),
          user,
        ),
      ),
    );
    return {
      tools: lists.flatMap(({ tools }) => tools),
      leftOut: lists.flatMap(({ leftOut }) => leftOut),
      said: Object.fromEntries(lists.flatMap(({ said }) => Object.entries(said))),
    };
  }

  /** Grants of single tools that their server surely does not have; one that is not ready soon is given the benefit. */
  async absent(grants: readonly string[], user?: ToolUser): Promise<LeftOut[]> {
    const single = grants.filter((grant) => !grant.endsWith('__*'));
    const found = await Promise.all(single.map((grant) => this.findAbsent(grant, user)));
    return found.flat();
  }

  /** Another one when servers that the grants name have announced other tools, or have started. */
  versionOf(grants: readonly string[], user?: ToolUser): string {
    const servers = new Set(grants.map((grant) => splitToolName(grant).server));
    return [...servers].map((name) => this.serverFor(name, user)?.version ?? 'none').join();
  }

  /**
   * Calls `server__tool` once, unless a result of the same call still stands; its server is told of the context what it may see.
   *
   * @throws WorldError as `ToolServer.call`
   */
  async call(
    name: string,
    { context, ...request }: BoxedCall,
    signal: AbortSignal,
  ): Promise<ToolResult> {
    const { server, tool } = splitToolName(name);
    const found = this.serverFor(server, request.user);
    if (found === undefined) throw new WorldError(`no tool server ${server}`, 'later');
    const times = this.timesOf(server, tool);
    const allowed = this.registry.current.servers[server]?.context;
    const passed = passedContext(context, allowed, request.traceparent);
    const call = { ...request, ...passed, tool, ...times };
    const place = placeOfResult(this.registry.current.servers[server], found, call);
    const kept = place && this.results.get(place);
    if (kept !== undefined) return { ...kept, fromCache: true };
    const result = await found.call(call, signal);
    if (place !== undefined && result.asks === undefined) this.results.keep(place, result);
    return result;
  }

  /** What a span says of where a call of `server__tool` goes; nothing when that is not known. */
  peerOf(name: string): SpanAttributes {
    const { servers } = this.registry.current;
    const { server } = splitToolName(name);
    const entry = Object.hasOwn(servers, server) ? servers[server] : undefined;
    if (entry === undefined) return {};
    if (entry.transport === 'stdio') return { [names.networkTransport]: 'pipe' };
    return { [names.networkTransport]: 'tcp', ...serverAttributes(entry.url) };
  }

  /** Nobody calls for this agent any more. `isTreeOver`: asked only where it matters. */
  release(user: ToolUser, isTreeOver: () => boolean): void {
    this.servers.release?.(user, isTreeOver);
  }

  /** What is known of all servers; of the one that is named, what it says now, for which it is started. */
  async view(name: string | undefined): Promise<Omit<ToolServersAnswer, 'worker'>> {
    const { current } = this.registry;
    const all = [...this.servers.values()];
    if (name === undefined) return viewServers(current, all, await this.loginsTo(all));
    const server = this.servers.get(name);
    const entry = current.servers[name];
    if (server !== undefined && entry !== undefined)
      await askServer(server, entry, this.means.clock);
    const asked = server === undefined ? [] : [server];
    return viewServers(this.registry.current, asked, await this.loginsTo(asked));
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.servers.values()].map((server) => server.close()));
    await this.means.closeRest?.();
  }

  private async loginsTo(servers: readonly ToolServer[]): Promise<LoginsOfServers> {
    const found = servers.map(async ({ name }) => {
      const entry = this.registry.current.servers[name];
      const isRemote = entry !== undefined && entry.transport !== 'stdio';
      return [name, isRemote ? await this.means.logins?.find(name, entry) : undefined] as const;
    });
    return new Map(await Promise.all(found));
  }

  private async listServer(
    name: string,
    grants: readonly string[],
    user: ToolUser | undefined,
  ): Promise<Offered> {
    const server = this.serverFor(name, user);
    if (server === undefined) return nothing(grants, this.whyGone(name, user));
    try {
      const list = await server.list();
      const tools = list.tools.map((tool) => ({
        tool: { ...tool, name: `${name}__${tool.name}` },
        recovery: list.reads?.has(tool.name) === true ? 'retry' : this.recoveryOf(name, tool.name),
      }));
      const said = list.instructions === undefined ? {} : { [name]: list.instructions };
      return { tools, said, leftOut: grants.flatMap((grant) => missing(grant, list)) };
    } catch (error) {
      this.means.log.warn('a tool server offers nothing for now', { server: name, error });
      return nothing(grants, error instanceof Error ? error.message : String(error));
    }
  }

  /** Undefined also when it is not for the user's tenant. */
  private serverFor(name: string, user: ToolUser | undefined): ToolServer | undefined {
    return this.isFor(name, user) ? this.servers.get(name, user) : undefined;
  }

  private isFor(server: string, user: ToolUser | undefined): boolean {
    const { current } = this.registry;
    return user === undefined || isFor(current, `servers.${server}`, user.tenant);
  }

  private whyGone(server: string, user: ToolUser | undefined): string {
    const { refused } = this.registry.current;
    const why = this.isFor(server, user) ? refused[`servers.${server}`] : undefined;
    return why === undefined ? 'there is no such tool server' : `left out of the registry: ${why}`;
  }

  private async findAbsent(grant: string, user: ToolUser | undefined): Promise<LeftOut[]> {
    const { server: name } = splitToolName(grant);
    const nobodyKnows = () => new Error('not ready');
    const list = this.serverFor(name, user)?.list() ?? Promise.reject(nobodyKnows());
    return within(this.means.clock, SPAWN_PATIENCE_MS, list, nobodyKnows).then(
      (known) => missing(grant, known),
      () => [],
    );
  }

  private recoveryOf(server: string, tool: string): RecoveryPolicy {
    const entry = this.registry.current.servers[server];
    return entry === undefined ? 'ask' : recoveryOf(entry, tool);
  }

  private timesOf(server: string, tool: string): Pick<ToolCallRequest, 'timeoutMs' | 'mostMs'> {
    const entry = this.registry.current.servers[server];
    const { timeoutSeconds = entry?.timeoutSeconds ?? 60, maxSeconds = entry?.maxSeconds } =
      entry?.tools[tool] ?? {};
    const most = Math.max(timeoutSeconds, maxSeconds ?? PROGRESS_SECONDS);
    return { timeoutMs: timeoutSeconds * 1_000, mostMs: most * 1_000 };
  }
}

function nothing(grants: readonly string[], reason: string): Offered {
  return { tools: [], said: {}, leftOut: grants.map((tool) => ({ tool, reason })) };
}

/** What a grant names and the server does not offer. */
function missing(grant: string, { tools, leftOut }: ToolList): LeftOut[] {
  const { server, tool: wanted } = splitToolName(grant);
  const named = leftOut.map(({ tool, reason }) => ({ tool: `${server}__${tool}`, reason }));
  if (wanted === '*') return named;
  if (tools.some(({ name }) => name === wanted)) return [];
  const known = named.find(({ tool }) => tool === grant);
  return [known ?? { tool: grant, reason: 'the server has no such tool' }];
}
