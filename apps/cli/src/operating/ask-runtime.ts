import type { StoredConnection } from '../connection/connection-file.js';
import { readConnection } from '../connection/connection.js';
import { recorded, type Operation } from '../recording/operator-acts.js';
import { connectOperator } from '../connection/operator-link.js';
import type { Surroundings } from '../command/surroundings.js';
import { Trouble } from '../ending/trouble.js';

interface Question {
  /** Absent: nothing is changed, or the runtime itself tells of it. */
  readonly operation?: Operation | undefined;
  readonly subject: string;
  readonly data?: object;
  /** What did not happen, when there is no answer. */
  readonly trouble: string;
  readonly next: string;
}

/** A log of millions of events is read from its start. */
const LONGEST_MS = 3_600_000;

/** Asks a service, mostly the agent-runtime that writes the rows, as an operator. */
export async function askRuntime(
  dataFolder: string,
  question: Question,
  { config, terminal }: Pick<Surroundings, 'config' | 'terminal'>,
): Promise<unknown> {
  const { operation, trouble, next } = question;
  const connection = await readConnection(dataFolder);
  const { environment } = config;
  const around = { connection, environment, note: terminal.note };
  const platform = await import('@skynet/platform');
  try {
    const work = () => ask(connection, question);
    return await (operation === undefined ? work() : recorded(around, operation, work));
  } catch (error) {
    if (!(error instanceof platform.WorldError)) throw error;
    throw new Trouble(`${trouble}: ${error.message}.`, { next, cause: error });
  }
}

async function ask(
  connection: StoredConnection,
  { subject, data = {} }: Question,
): Promise<unknown> {
  const { silentLogger } = await import('@skynet/platform');
  const { NatsMessageBus } = await import('@skynet/platform/nats');
  const operator = await connectOperator(connection);
  try {
    const bus = new NatsMessageBus(operator.link, operator.publisher, silentLogger);
    return await bus.request(subject, data, { timeoutMs: LONGEST_MS });
  } finally {
    await operator.close();
  }
}
