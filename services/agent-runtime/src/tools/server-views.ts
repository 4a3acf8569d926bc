import {
  subjects,
  toolServersRequestSchema,
  type ToolServersAnswer,
  type ToolServerView,
} from '@skynet/contracts';
import { within, type Clock, type MessageBus } from '@skynet/platform';
import type { ModelTool } from '../models/model.port.js';
import { recoveryOf, type Registry, type ServerEntry } from '../registry/registry.config.js';
import type { ToolServer } from './tool-server.port.js';

/** Of all servers together: an answer must fit into one message. */
const MAX_TOOLS = 1_000;
const MAX_DESCRIPTION_CHARS = 200;
/** What follows the start when a server is asked for its tools. */
const LIST_MS = 30_000;

const QUEUE = 'agent-runtime';

/** What is shown of a login to a server. */
export interface ShownLogin {
  readonly issuer: string;
  /** When a person logged in, ms since 1970. */
  readonly atMs: number;
  /** Absent: it is over. */
  readonly tokens?: object | undefined;
}

export type LoginsOfServers = ReadonlyMap<string, ShownLogin | undefined>;
type Servers = Iterable<ToolServer>;
type View = Omit<ToolServersAnswer, 'worker'>;

/** Answers operators who ask what tool servers there are, until the returned function is called. */
export function serveServerViews(
  bus: Pick<MessageBus, 'serve'>,
  toolBox: { view(server: string | undefined): Promise<View> },
  worker: string,
): () => void {
  return bus.serve(subjects.toolServers, QUEUE, async ({ data }) => ({
    worker,
    ...(await toolBox.view(toolServersRequestSchema.parse(data).server)),
  }));
}

/** What is known of some servers of the registry. */
export function viewServers(
  { servers, refused, findings }: Registry,
  known: Servers,
  logins: LoginsOfServers = new Map(),
): View {
  let left = MAX_TOOLS;
  const views = [...known].flatMap((server) => {
    const entry = servers[server.name];
    if (entry === undefined) return [];
    const view = { ...viewServer(server, entry, left), login: viewLogin(logins.get(server.name)) };
    left -= view.tools.length;
    return [view];
  });
  const ofServers = Object.entries(refused).filter(([entry]) => entry.startsWith('servers.'));
  return {
    servers: views,
    refused: ofServers.map(([entry, reason]) => ({
      name: entry.slice('servers.'.length),
      reason,
    })),
    findings: [...findings],
  };
}

/** Waits until the server has told what it has, or why not; what it says is its state from then on. */
export async function askServer(server: ToolServer, entry: ServerEntry, clock: Clock) {
  const limitMs = entry.startSeconds * 1_000 + LIST_MS;
  await within(clock, limitMs, server.list(), () => new Error('not ready')).catch(() => undefined);
}

function viewLogin(login: ShownLogin | undefined): ToolServerView['login'] {
  if (login === undefined) return undefined;
  const { issuer, atMs, tokens } = login;
  return { issuer, atMs, isOver: tokens === undefined };
}

function viewServer(server: ToolServer, entry: ServerEntry, mostTools: number): ToolServerView {
  const { kind: state, reason, list, waiting, instances } = server.state;
  const shown = (tool: ModelTool) => ({
    name: tool.name,
    description: (tool.description.split('\n')[0] ?? '')
      .slice(0, MAX_DESCRIPTION_CHARS)
      .toWellFormed(),
    recovery: recoveryOf(entry, tool.name),
  });
  return {
    name: server.name,
    transport: entry.transport,
    state,
    reason,
    recovery: entry.recovery,
    tenants: entry.tenants,
    isolation: entry.isolation,
    instances,
    toolCount: list?.tools.length,
    tools: (list?.tools ?? []).slice(0, mostTools).map(shown),
    leftOut: [...(list?.leftOut ?? waiting ?? [])],
  };
}
