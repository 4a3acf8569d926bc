import { readConnection } from '../client/connection.js';
import { connectOperator } from '../client/operator-link.js';
import { Trouble } from '../trouble.js';

interface Question {
  readonly subject: string;
  readonly data?: object;
  /** What did not happen, when there is no answer. */
  readonly trouble: string;
  readonly next: string;
}

/** A log of millions of events is read from its start. */
const LONGEST_MS = 3_600_000;

/** Asks the agent-runtime that writes the rows, as an operator. */
export async function askRuntime(dataFolder: string, question: Question): Promise<unknown> {
  const { subject, data = {}, trouble, next } = question;
  const connection = await readConnection(dataFolder);
  const platform = await import('@skynet/platform');
  try {
    const operator = await connectOperator(connection);
    try {
      const { silentLogger } = platform;
      const bus = new platform.NatsMessageBus(operator.link, operator.publisher, silentLogger);
      return await bus.request(subject, data, { timeoutMs: LONGEST_MS });
    } finally {
      await operator.close();
    }
  } catch (error) {
    if (!(error instanceof platform.WorldError)) throw error;
    throw new Trouble(`${trouble}: ${error.message}.`, { next, cause: error });
  }
}
