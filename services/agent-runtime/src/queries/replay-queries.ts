import type { QueryAnswer, QueryRequest } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import { readText, type PayloadStore } from '@skynet/platform';
import { contentOfPayload } from '@skynet/platform/operations';
import { readAgentLog, rootOf, stateAt, type LogSource } from '../past/agent-log.js';
import { PastTurns } from '../pacing/past-turns.js';
import { wholeReads } from '../attachments/whole-reads.js';
import { planFork } from '../forking/fork-plan.js';
import { rowsOf } from '../past/rows.js';
import { archived } from '../past/archived-commit.js';
import { stateView } from '../past/state-view.js';
import { commitsOf, momentOf, readTreeLog, type TreeLog } from '../past/tree-log.js';
import { bytesOnPage, PAGE_MAX_BYTES, PAGE_MAX_CHARS } from '../past/page-room.js';
import { verifyTree, type VerifierDependencies } from '../past/tree-verifier.js';

/** Answers questions about the past, from logs alone; those that need much work in turns. */
export class ReplayQueries {
  constructor(
    private readonly store: LogSource,
    private readonly payloads: PayloadStore,
    private readonly verifier: Omit<VerifierDependencies, 'trustRequests'>,
    private readonly turns = new PastTurns(),
  ) {}

  replay(request: QueryRequest<'replay'>): Promise<QueryAnswer<'replay'>> {
    return this.turns.run(request.tenant, () => this.stateOf(request));
  }

  /** Rows of the whole tree when the agent's first `at` events had happened. */
  treeAt(request: QueryRequest<'treeAt'>): Promise<QueryAnswer<'treeAt'>> {
    return this.turns.run(request.tenant, () => this.rowsAt(request));
  }

  verify(request: QueryRequest<'verify'>): Promise<QueryAnswer<'verify'>> {
    return this.turns.run(request.tenant, () => this.verification(request));
  }

  forkPlan(request: QueryRequest<'forkPlan'>): Promise<QueryAnswer<'forkPlan'>> {
    return this.turns.run(request.tenant, () => this.planOf(request));
  }

  async commits(request: QueryRequest<'commits'>): Promise<QueryAnswer<'commits'>> {
    const { tenant, agentId, from } = request;
    const log = await readAgentLog(this.store, tenant, agentId);
    if (log === undefined) return { found: false, commits: [] };
    const page: QueryAnswer<'commits'> = { found: true, commits: [] };
    let bytes = 0;
    for (const { events } of commitsOf(log)) {
      const revision = events[0]?.revision ?? 0;
      if (revision < from) continue;
      const commit = archived(agentId, events);
      bytes += bytesOnPage(commit);
      if (bytes > PAGE_MAX_BYTES && page.commits.length > 0) return { ...page, next: revision };
      page.commits.push(commit);
    }
    return page;
  }

  /** A part of a payload of the asker's tenant. */
  async payload(request: QueryRequest<'payload'>): Promise<QueryAnswer<'payload'>> {
    const { tenant, sha256, from } = request;
    return wholeReads.run(tenant, async () => {
      const bytes = await this.payloads.find(tenant, sha256);
      if (bytes === undefined) return {};
      const { base64, text = base64 ?? '' } = contentOfPayload(bytes);
      const next = from + PAGE_MAX_CHARS;
      return {
        text: text.slice(from, next),
        ...(base64 !== undefined && { isBase64: true }),
        ...(next < text.length && { next }),
      };
    });
  }

  private async stateOf(request: QueryRequest<'replay'>): Promise<QueryAnswer<'replay'>> {
    const { tenant, agentId, at, conversationFrom, textChars } = request;
    const log = await readAgentLog(this.store, tenant, agentId);
    const count = Math.min(at ?? Infinity, log?.stored.length ?? 0);
    const last = log?.stored[count - 1];
    if (log === undefined || last === undefined) return {};
    const state = await stateView(await stateAt(log, count), {
      events: log.stored.length,
      last,
      conversationFrom,
      textChars,
      read: (text) => readText(this.payloads, tenant, text),
    });
    return state === undefined ? {} : { state };
  }

  private async rowsAt(request: QueryRequest<'treeAt'>): Promise<QueryAnswer<'treeAt'>> {
    const { agentId, at } = request;
    const tree = await this.treeOf(request);
    const log = tree?.agents.get(agentId);
    if (tree === undefined || log === undefined) return { found: false, rows: [] };
    const count = Math.min(at ?? Infinity, log.stored.length);
    const moment = at === undefined ? tree.commits.length : momentOf(tree, agentId, count);
    const past = tree.commits
      .slice(0, moment)
      .flatMap(({ events }) => events)
      .filter((event) => event.stream !== log.stored[0]?.stream || event.revision < count);
    return { found: true, rows: await rowsOf(past) };
  }

  private async verification(request: QueryRequest<'verify'>): Promise<QueryAnswer<'verify'>> {
    const tree = await this.treeOf(request);
    if (tree === undefined) return {};
    const { trustRequests } = request;
    return { verification: await verifyTree(tree, { ...this.verifier, trustRequests }) };
  }

  private async planOf(request: QueryRequest<'forkPlan'>): Promise<QueryAnswer<'forkPlan'>> {
    const { tenant, agentId, at } = request;
    const tree = await readTreeLog(this.store, tenant, agentId);
    if (tree === undefined) return {};
    const planned = await planFork(tree, at);
    return isRefused(planned) ? { refused: planned.refused.message } : planned;
  }

  private async treeOf({
    tenant,
    agentId,
  }: Pick<QueryRequest<'verify'>, 'tenant' | 'agentId'>): Promise<TreeLog | undefined> {
    const log = await readAgentLog(this.store, tenant, agentId);
    return log === undefined ? undefined : readTreeLog(this.store, tenant, await rootOf(log));
  }
}
