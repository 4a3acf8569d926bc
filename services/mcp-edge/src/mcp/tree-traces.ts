import {
  agentIdSchema,
  spawnAgentTool,
  treeTraces,
  type AgentId,
  type ToolContract,
  type TreeTrace,
} from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import { agentSpanId, parseTraceparent, type Logger } from '@skynet/platform';
import { z } from 'zod';
import type { ToolAnswer } from '../tools/edge-tool.js';
import type { ViewQueries } from '../views/view-queries.js';

export interface TreeTracesSettings {
  /** Whether spans leave the processes of this system. */
  readonly isTraced: boolean;
  /** Of Jaeger's pages. Default: answers name no page. */
  readonly jaegerUrl?: string | undefined;
}

/** A call that was answered. */
export interface AnsweredCall {
  readonly contract: Pick<ToolContract<z.ZodType, z.ZodType>, 'name'>;
  readonly tenant: string;
  /** Of the call's span. */
  readonly traceparent: string | undefined;
}

const REMEMBERED = 2_000;
/** The answer to a question about something else does not wait for longer. */
const ANSWER_WITHIN_MS = 500;

const aboutAgent = z.object({
  agentId: agentIdSchema,
  rootId: agentIdSchema,
  repeated: z.boolean().optional(),
});
type AboutAgent = z.infer<typeof aboutAgent>;

/** Where the traces of trees are. A tree's stands in its root's first event, which stays as it is. */
export class TreeTraces {
  /** By root; undefined for those that are not kept. */
  private readonly known = new Map<AgentId, string | undefined>();

  constructor(
    private readonly settings: TreeTracesSettings,
    private readonly tools: {
      readonly queries: Pick<ViewQueries, 'askOnce'>;
      readonly log: Logger;
    },
  ) {}

  /** Of the tree that an answer is about; undefined when that is not traced, and while nobody can say it. */
  async of(answer: ToolAnswer<object>, call: AnsweredCall): Promise<TreeTrace | undefined> {
    if (!this.settings.isTraced || isRefused(answer)) return undefined;
    const { data: about } = aboutAgent.safeParse(answer.output);
    if (about === undefined) return undefined;
    const { rootId } = about;
    if (isNewTree(about, call)) this.remember(rootId, call.traceparent);
    if (!this.known.has(rootId)) await this.ask(call.tenant, rootId);
    const traceId = this.known.get(rootId);
    return traceId === undefined ? undefined : this.placeOf(traceId, about.agentId);
  }

  private placeOf(traceId: string, agentId: AgentId): TreeTrace {
    const place = { traceId, spanId: agentSpanId(agentId) };
    const { jaegerUrl } = this.settings;
    return jaegerUrl === undefined
      ? place
      : { ...place, url: treeTraces.jaegerPage(jaegerUrl, place) };
  }

  private async ask(tenant: string, rootId: AgentId): Promise<void> {
    const request = { tenant, agentId: rootId, from: 0, limit: 1 };
    try {
      const { events } = await this.tools.queries.askOnce('events', request, ANSWER_WITHIN_MS);
      const [first] = events;
      if (first !== undefined) this.remember(rootId, first.traceparent);
    } catch (error) {
      this.tools.log.debug('the trace of a tree is not known', { rootId, error });
    }
  }

  private remember(rootId: AgentId, traceparent: string | undefined): void {
    const context = parseTraceparent(traceparent);
    this.known.set(rootId, context?.isSampled === true ? context.traceId : undefined);
    if (this.known.size <= REMEMBERED) return;
    const [oldest] = this.known.keys();
    if (oldest !== undefined) this.known.delete(oldest);
  }
}

/** Its trace is that of the call then. */
function isNewTree({ agentId, rootId, repeated }: AboutAgent, { contract }: AnsweredCall): boolean {
  return contract.name === spawnAgentTool.name && agentId === rootId && repeated !== true;
}
