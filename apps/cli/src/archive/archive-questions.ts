import type { ListedAgent, ShownEvent } from '@skynet/client';
import {
  agentIdOf,
  queryAnswerSchemas,
  type AgentRow,
  type Query,
  type QueryAnswer,
} from '@skynet/contracts';
import { z } from 'zod';
import type { CliConfig } from '../command/cli.config.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { namedArchive } from './archive-folder.js';
import type { ArchiveOptions } from './archive-options.js';
import { runArchiveProgram } from './archive-program.js';

const EVENTS_PAGE = 1_000;

/** An agent as the tree of a moment shows it. */
export type PastAgent = ListedAgent & { readonly events: number };

/** A tree in a file. Asking it needs no server, and nothing in it can run. */
export class ArchivedTree {
  private constructor(
    private readonly file: string,
    private readonly options: ArchiveOptions,
    /** Of what was asked for, or of the whole tree. */
    private readonly agentId: string | undefined,
  ) {}

  /** Undefined when the options name no archive. */
  static async named(
    options: ArchiveOptions,
    config: Pick<CliConfig, 'dataFolder'>,
    agentId?: string,
  ): Promise<ArchivedTree | undefined> {
    const file = await namedArchive(options, config);
    return file === undefined ? undefined : new ArchivedTree(file, options, agentId);
  }

  async state(at?: number) {
    const { answer, agentId } = await this.ask('replay', { at });
    if (answer.state === undefined) throw this.unknown(agentId);
    return { agentId, state: answer.state };
  }

  async tree(at?: number): Promise<{ agentId: string; tree: PastAgent[] }> {
    const { answer, agentId } = await this.ask('treeAt', { at });
    if (!answer.found) throw this.unknown(agentId);
    return { agentId, tree: answer.rows.map(shown) };
  }

  async verify(trustRequests: boolean) {
    const { answer, agentId } = await this.ask('verify', { trustRequests });
    if (answer.verification === undefined) throw this.unknown(agentId);
    return { agentId, verification: answer.verification };
  }

  async events(): Promise<ShownEvent[]> {
    const events: ShownEvent[] = [];
    for (let from: number | undefined = 0; from !== undefined;) {
      const { answer, agentId }: { answer: QueryAnswer<'events'>; agentId: string } =
        await this.ask('events', { from, limit: EVENTS_PAGE });
      if (!answer.found) throw this.unknown(agentId);
      for (const { revision, type, timeMs, data, ...event } of answer.events) {
        const time = new Date(timeMs).toISOString();
        const fields = z.record(z.string(), z.unknown()).parse(data);
        events.push({ revision, type, time, ...event, data: fields });
      }
      from = answer.next;
    }
    return events;
  }

  private async ask<Q extends Query>(
    query: Q,
    request: object,
  ): Promise<{ readonly agentId: string; readonly answer: QueryAnswer<Q> }> {
    const agentId = this.agentId === undefined ? {} : { agentId: checkedId(this.agentId) };
    const question = JSON.stringify({ query, request: { ...agentId, ...request } });
    const { registry } = this.options;
    const args = ['ask', this.file, ...(registry === undefined ? [] : [registry])];
    const { rootId, answer } = answered.parse(JSON.parse(await runArchiveProgram(args, question)));
    return {
      agentId: this.agentId ?? rootId,
      answer: queryAnswerSchemas[query].parse(answer) as QueryAnswer<Q>,
    };
  }

  private unknown(agentId: string): Trouble {
    return new Trouble(`There is no agent ${agentId} in ${this.file}.`, {
      exitCode: exitCodes.refused,
    });
  }
}

const answered = z.object({ rootId: z.string(), answer: z.unknown() });

function checkedId(text: string): string {
  try {
    return agentIdOf(text);
  } catch (error) {
    throw new Trouble(`${text} is no id of an agent.`, { exitCode: exitCodes.usage, cause: error });
  }
}

function shown(row: AgentRow): PastAgent {
  const { agentId, rootId, parentId, depth, status, task, model, progress } = row;
  return {
    agentId,
    rootId,
    ...(parentId !== undefined && { parentId }),
    depth,
    status,
    task,
    model,
    ...(progress !== undefined && { progress: progress.message }),
    updatedAt: new Date(row.updatedAtMs).toISOString(),
    events: row.revision + 1,
  };
}
