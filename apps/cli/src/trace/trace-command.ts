import { EventReader, listAgents, type ListedAgent, type ShownEvent } from '@skynet/client';
import { getAgentStatusTool } from '@skynet/contracts';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection/connection.js';
import { renderWaterfall, type TracedAgent } from './waterfall-view.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { piecesOf } from './waterfall.js';
import { exitCodes } from '../ending/trouble.js';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';
import { subtree } from '../agents/tree.js';

interface TraceOptions extends ConnectionOptions {
  readonly jaeger?: string;
  readonly json?: boolean;
}

const TRACE_ID = /^00-([0-9a-f]{32})-/;

export function addTrace(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('trace')
    .summary('show where the time of a tree went')
    .description(
      'Prints where Jaeger shows the trace of an agent’s tree. Without Jaeger, draws the agent and all below it from ' +
        'the log: ░ queued, ▒ run, █ model, ▓ tool, · waiting.',
    )
    .argument('<id>', 'the agent')
    .option('--jaeger <url>', 'URL of Jaeger’s pages (default: SKYNET_JAEGER)')
    .option('--json', 'print one line of JSON for each agent');
  addConnectionOptions(command).action((agentId: string, options: TraceOptions) =>
    surroundings.run(connected(surroundings, options, (called) => trace(agentId, options, called))),
  );
}

async function trace(agentId: string, options: TraceOptions, called: Called): Work {
  const { client, config, terminal, signal } = called;
  const { rootId } = await client.call(getAgentStatusTool, { agentId }, { signal });
  const jaeger = options.jaeger ?? config.jaeger;
  if (jaeger !== undefined) {
    const url = await traceUrl(jaeger, rootId, called);
    if (url !== undefined) {
      terminal.print(url);
      return exitCodes.ok;
    }
    terminal.note('the tree was not traced; this is what its log tells');
  }
  const agents = subtree(agentId, await listAgents(client, { rootId }, signal));
  const traced = await Promise.all(agents.map((agent) => traceOf(agent, agents, called)));
  if (options.json === true) {
    for (const { agent, pieces } of traced) {
      terminal.printJson({ agentId: agent.agentId, pieces });
    }
  } else renderWaterfall(inTreeOrder(traced), Date.now(), terminal).forEach(terminal.print);
  return exitCodes.ok;
}

async function traceUrl(
  jaeger: string,
  rootId: string,
  { client, signal }: Called,
): Promise<string | undefined> {
  const [first]: ShownEvent[] = await new EventReader(client, rootId).read(signal);
  const traceId = TRACE_ID.exec(first?.traceparent ?? '')?.[1];
  return traceId === undefined ? undefined : `${jaeger.replace(/\/$/, '')}/trace/${traceId}`;
}

async function traceOf(
  agent: ListedAgent,
  agents: readonly ListedAgent[],
  { client, signal }: Called,
): Promise<TracedAgent> {
  const events = await new EventReader(client, agent.agentId).read(signal);
  return { agent, depth: depthIn(agents, agent), pieces: piecesOf(events) };
}

function depthIn(agents: readonly ListedAgent[], { parentId }: ListedAgent): number {
  const parent = agents.find(({ agentId }) => agentId === parentId);
  return parent === undefined ? 0 : depthIn(agents, parent) + 1;
}

/** Each agent right before those below it. */
function inTreeOrder(traced: readonly TracedAgent[]): TracedAgent[] {
  const below = Map.groupBy(traced, ({ agent }) => agent.parentId);
  const ids = new Set(traced.map(({ agent }) => agent.agentId));
  const walk = (one: TracedAgent): TracedAgent[] => [
    one,
    ...(below.get(one.agent.agentId) ?? []).flatMap(walk),
  ];
  return traced.filter(({ agent }) => !ids.has(agent.parentId ?? '')).flatMap(walk);
}
