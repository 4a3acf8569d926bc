import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { readCommit, type LoggedCommit } from './logged-commit.js';

const LOG = 'LOG';
const AGENTS = 'log.agent.*';
const TRIES = 20;
const PAUSE_MS = 500;
const IDLE_MS = 5_000;

/** All commits of agents, in the order of the log: read until the place that is last by the word of its leader. */
export async function readLog(connection: NatsConnection): Promise<LoggedCommit[]> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await readOnce(connection);
    } catch (error) {
      if (tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

async function readOnce(connection: NatsConnection): Promise<LoggedCommit[]> {
  const manager = await jetstreamManager(connection);
  const end = await manager.streams
    .getMessage(LOG, { last_by_subj: AGENTS })
    .then((message) => message?.seq ?? 0);
  const commits: LoggedCommit[] = [];
  if (end === 0) return commits;
  const consumer = await jetstream(connection).consumers.get(LOG, { filter_subjects: AGENTS });
  const messages = await consumer.consume({ max_messages: 500 });
  const idle = setTimeout(() => messages.stop(), IDLE_MS);
  for await (const message of messages) {
    idle.refresh();
    const { subject, seq: sequence, headers } = message;
    const header = (name: string) => headers?.get(name) ?? '';
    commits.push(readCommit({ subject, sequence, text: message.string(), header }));
    if (sequence >= end) break;
  }
  clearTimeout(idle);
  await messages.close();
  if ((commits.at(-1)?.sequence ?? 0) < end) throw new Error('the log was not read to its end');
  return commits;
}
