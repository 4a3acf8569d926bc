import type { BusAuditTrail } from '@skynet/platform';
import type { Environment } from '../command/cli.config.js';
import { Trouble } from '../ending/trouble.js';
import type { StoredConnection } from '../connection/connection-file.js';
import { connectOperator, type OperatorLink } from '../connection/operator-link.js';
import { operatorName } from './operator-name.js';
import { logSettings } from '../connection/operator-log.js';

/** What an operator does to stored data. */
export interface Operation {
  readonly what:
    | 'backup'
    | 'restore'
    | 'copy'
    | 'repair'
    | 'rebuild'
    | 'replicas'
    | 'upgrade'
    | 'audit-export'
    | 'notes';
  /** Names and numbers, no addresses with credentials. */
  readonly details?: Readonly<Record<string, string>>;
}

export interface OperationSurroundings {
  readonly connection: Pick<StoredConnection, 'nats' | 'natsKeyFile'>;
  readonly environment: Environment;
  /** Told when the act could not be recorded. */
  readonly note: (line: string) => void;
}

/**
 * Tells the audit log of the operation, does it, and tells when it has failed. Goes on after 2 s when nobody records it.
 *
 * @throws WorldError when NATS is away
 */
export async function recorded<Result>(
  around: OperationSurroundings,
  { what, details }: Operation,
  work: () => Promise<Result>,
): Promise<Result> {
  const operator = await connectOperator(around.connection);
  const trail = await openTrail(operator, around);
  const act = {
    act: 'operate',
    principal: `operator:${operatorName()}`,
    target: { kind: 'store', id: 'log' },
    details: { what, ...details },
  } as const;
  try {
    await trail.record({ ...act, outcome: 'allowed' });
    return await work();
  } catch (error) {
    // Other messages than ours may hold what nobody has looked at.
    const reason = error instanceof Trouble ? error.message : (error as Error).name;
    await trail.record({ ...act, outcome: 'failed', reason });
    throw error;
  } finally {
    await trail.close();
    await operator.close();
  }
}

async function openTrail(
  { link, publisher }: OperatorLink,
  { connection, environment, note }: OperationSurroundings,
): Promise<BusAuditTrail> {
  const platform = {
    ...(await import('@skynet/platform')),
    ...(await import('@skynet/platform/nats')),
  };
  const { replicas } = (await logSettings(connection, environment)).nats;
  const lost = () => note('this is not in the audit log: its stream took nothing');
  // What is wrong with the stream shows when it takes nothing.
  await platform.ensureAuditStream(link.connection, replicas).catch(() => undefined);
  return new platform.BusAuditTrail({
    service: 'operator',
    bus: new platform.NatsMessageBus(link, publisher, platform.silentLogger),
    clock: platform.systemClock,
    metrics: platform.noMetrics,
    log: { ...platform.silentLogger, error: lost },
  });
}
