import {
  queryAnswerSchemas,
  subjects,
  type AgentRow,
  type Query,
  type QueryAnswer,
  type QueryRequest,
} from '@skynet/contracts';
import type { Clock, MessageBus } from '@skynet/platform';
import { PatientRequests } from './patient-requests.js';

const ANSWER_WITHIN_MS = 2_000;

/** Questions to the owner of the views, asked again while nobody is there to answer. */
export class ViewQueries {
  private readonly requests: PatientRequests;

  constructor(
    private readonly bus: MessageBus,
    clock: Clock,
  ) {
    this.requests = new PatientRequests(bus, clock);
  }

  /** @throws WorldError as PatientRequests */
  ask<Q extends Query>(
    query: Q,
    request: QueryRequest<Q>,
    answerWithinMs = ANSWER_WITHIN_MS,
  ): Promise<QueryAnswer<Q>> {
    return this.requests.make(answerWithinMs, (timeoutMs) =>
      this.askOnce(query, request, timeoutMs),
    );
  }

  /**
   * Rows of a list, page by page until there are so many; `isWhole`: there are no more.
   *
   * @throws WorldError as PatientRequests
   */
  async rowsOf(
    request: Omit<QueryRequest<'list'>, 'cursor'>,
    most: number,
  ): Promise<{ readonly rows: readonly AgentRow[]; readonly isWhole: boolean }> {
    const rows: AgentRow[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.ask('list', { ...request, ...(cursor !== undefined && { cursor }) });
      rows.push(...page.rows);
      cursor = page.cursor;
    } while (cursor !== undefined && rows.length < most);
    return { rows, isWhole: cursor === undefined };
  }

  /** @throws WorldError `retry: 'later'` when nobody answered in time */
  async askOnce<Q extends Query>(
    query: Q,
    request: QueryRequest<Q>,
    timeoutMs = ANSWER_WITHIN_MS,
  ): Promise<QueryAnswer<Q>> {
    const answer = await this.bus.request(subjects.query(query), request, { timeoutMs });
    return queryAnswerSchemas[query].parse(answer) as QueryAnswer<Q>;
  }
}
