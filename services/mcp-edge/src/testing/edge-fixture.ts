import { randomUUID } from 'node:crypto';
import { AGENT_ROWS, type AgentRow, type Role, type Scope, type ToolName } from '@skynet/contracts';
import {
  MemoryBroker,
  MemoryMessageBus,
  MemoryPayloadStore,
  MemoryStateStores,
  noAuditTrail,
  noTracing,
  silentLogger,
  type AuditTrail,
  type Clock,
} from '@skynet/platform';
import { CommandSender } from '../commands/command-sender.js';
import { ToolCaller } from '../mcp/tool-caller.js';
import { CallRecords } from '../recording/call-record.js';
import { allTools } from '../edge/all-tools.js';
import type { ToolAnswer, ToolCall } from '../tools/edge-tool.js';
import { ViewQueries } from '../views/view-queries.js';
import { TENANT } from './agent-rows.js';
import { ScriptedOwner } from './scripted-owner.js';

/** Every tool over memory, with a scripted owner at the other end of the bus. */
export async function edgeFixture(clock: Clock, audit: AuditTrail = noAuditTrail) {
  const broker = new MemoryBroker();
  const bus = new MemoryMessageBus(broker, clock);
  const owner = new ScriptedOwner(bus);
  broker.consume('cmd.agents.*', (message) => owner.receive(message));
  const stores = new MemoryStateStores(clock);
  const rows = await stores.open<unknown>(AGENT_ROWS);
  const payloads = new MemoryPayloadStore();
  const log = silentLogger;
  const sender = new CommandSender(bus, clock, log, noTracing);
  const queries = new ViewQueries(bus, clock);
  const operatorTenant = TENANT;
  const tools = allTools({ bus, rows, payloads, sender, queries, clock, log, operatorTenant });
  const caller = new ToolCaller(log, new CallRecords(audit, clock));

  return {
    broker,
    bus,
    owner,
    rows,
    payloads,
    sender,
    queries,
    /** As the projector does: writes the row, then hints at it. */
    async project(row: AgentRow): Promise<void> {
      await rows.put(row.agentId, row);
      bus.hint(`view.agent.${row.agentId}`, { revision: row.revision, status: row.status });
    },
    call(name: ToolName, input: unknown, from: CallFrom = {}): Promise<ToolAnswer<object>> {
      const tool = tools.find(({ contract }) => contract.name === name);
      if (tool === undefined) throw new Error(`no tool ${name}`);
      const { role = 'operator', tenant = TENANT, scopes, ...rest } = from;
      return caller.call(tool, input, {
        principal: { principal: 'alice', tenant, roles: [role], scopes },
        address: '10.0.0.1',
        traceparent: undefined,
        context: { read: () => undefined, tell: () => undefined },
        signal: new AbortController().signal,
        report: undefined,
        text: 'tail',
        mark: randomUUID(),
        bounds: { values: 10_000, depth: 64 },
        ...rest,
      });
    },
  };
}

export type EdgeFixture = Awaited<ReturnType<typeof edgeFixture>>;

export interface CallFrom extends Partial<Omit<ToolCall, 'principal' | 'record'>> {
  readonly role?: Role;
  readonly scopes?: readonly Scope[];
  readonly tenant?: string;
}
