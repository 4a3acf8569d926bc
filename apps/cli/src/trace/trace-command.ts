import { EventReader, listAgents, type ListedAgent } from '@skynet/client';
import { getAgentStatusTool } from '@skynet/contracts';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection/connection.js';
import { renderWaterfall, type TracedAgent } from './waterfall-view.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { piecesOf } from './waterfall.js';
import { exitCodes } from '../ending/trouble.js';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';
import { HeardTrace } from '../connection/trace-link.js';
import { subtree } from '../agents/tree.js';

interface TraceOptions extends ConnectionOptions {
  readonly jaeger?: string;
  readonly json?: boolean;
}

export function addTrace(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('trace')
    .summary('show where the time of a tree went')
    .description(
      'Prints where Jaeger shows the trace of an agent’s tree. Without Jaeger, draws the agent and all below it from ' +
        'the log: ░ queued, ▒ run, █ model, ▓ tool, · waiting.',
    )
    .argument('<id>', 'the agent')
    .option('--jaeger <url>', 'URL of Jaeger’s pages (default: SKYNET_JAEGER, else the server’s)')
    .option('--json', 'print one line of JSON for each agent, from the log');
  addConnectionOptions(command).action((agentId: string, options: TraceOptions) =>
    surroundings.run(connected(surroundings, options, (called) => trace(agentId, options, called))),
  );
}

async function trace(agentId: string, options: TraceOptions, called: Called): Work {
  const { client, config, terminal, signal } = called;
  const heard = new HeardTrace();
  const asking = { signal, onTrace: heard.hear };
  const { rootId } = await client.call(getAgentStatusTool, { agentId }, asking);
  const jaeger = options.jaeger ?? config.jaeger;
  const link = heard.link(jaeger);
  if (link !== undefined && options.json !== true) {
    terminal.print(link);
    return exitCodes.ok;
  }
  if (jaeger !== undefined && link === undefined) {
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
