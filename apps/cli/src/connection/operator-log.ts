import type { PlatformSettings } from '@skynet/platform';
import type { OperatorStores } from '@skynet/platform/operations';
import type { Environment } from '../command/cli.config.js';
import type { StoredConnection } from './connection-file.js';

/**
 * The log and payloads of a running stack, in the stores that the environment names: the same variables as those of the
 * services.
 *
 * @throws WorldError when a store is not there
 */
export async function openLog(
  { nats, natsKeyFile }: Pick<StoredConnection, 'nats' | 'natsKeyFile'>,
  environment: Environment,
): Promise<OperatorStores> {
  const { openOperatorStores } = await import('@skynet/platform/operations');
  return openOperatorStores(await logSettings({ nats, natsKeyFile }, environment));
}

/** What the environment and the stack's own addresses say of its stores. */
export async function logSettings(
  { nats, natsKeyFile }: Pick<StoredConnection, 'nats' | 'natsKeyFile'>,
  environment: Environment,
): Promise<PlatformSettings> {
  // Takes half a second to load, which no other command shall pay.
  const { readPlatformSettings } = await import('@skynet/platform');
  const { NATS_NKEY: _, ...rest } = environment;
  const settings = { ...rest, NATS_URL: nats, NATS_NKEY_FILE: natsKeyFile };
  return readPlatformSettings(settings);
}
