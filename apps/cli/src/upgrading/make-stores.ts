import { inTrouble } from '../ending/store-trouble.js';
import type { Environment } from '../command/cli.config.js';
import type { StoredConnection } from '../connection/connection-file.js';
import { logSettings } from '../connection/operator-log.js';

/**
 * Makes the streams and buckets that services may only use, and gives those that are there the settings of this release;
 * the answer is the names of what was made. `environment`: the variables of the services. Safe to repeat.
 *
 * @throws Trouble that says what is in the way
 */
export async function makeStores(
  operator: Pick<StoredConnection, 'nats' | 'natsKeyFile'>,
  environment: Environment,
): Promise<readonly string[]> {
  const { installStores } = await import('@skynet/platform/operations');
  return inTrouble('Streams and buckets were not made', async () =>
    installStores(await logSettings(operator, environment)),
  );
}
