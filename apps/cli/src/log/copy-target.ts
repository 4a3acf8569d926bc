import { resolve } from 'node:path';
import type { PlatformSettings } from '@skynet/platform';
import type { Environment } from '../command/cli.config.js';
import type { StoredConnection } from '../connection/connection-file.js';
import { exitCodes, Trouble } from '../ending/trouble.js';

/** Where a log is to be copied, as the command line says it. */
export interface TargetOptions {
  readonly to: 'jetstream' | 'eventstoredb';
  readonly toUrl?: string;
  readonly toUrlFile?: string;
  readonly toNats?: string;
  readonly toNatsKey?: string;
  readonly toNatsCa?: string;
  readonly toReplicas?: number;
}

const WITH_CREDENTIALS = /:\/\/[^/?#]*@/;
/** Credentials are shown to everybody on the machine when they stand on a command line. */
const URL_VARIABLE = 'TO_EVENT_STORE_URL';

/**
 * The variables that name the target, as those of the services name theirs: everything that the options do not say is
 * as in the stack.
 *
 * @throws Trouble when the options name no store, or credentials
 */
export function targetEnvironment(
  options: TargetOptions,
  source: Pick<StoredConnection, 'nats' | 'natsKeyFile'>,
  environment: Environment,
): Environment {
  const { toNats, toNatsKey, toNatsCa, toReplicas } = options;
  if (options.to === 'eventstoredb' && toNats !== undefined) {
    throw usage('--to-nats is for --to jetstream.');
  }
  const { NATS_NKEY: _, EVENT_STORE_URL, EVENT_STORE_URL_FILE, ...rest } = environment;
  return {
    ...rest,
    EVENT_STORE: options.to,
    NATS_URL: toNats ?? source.nats,
    NATS_NKEY_FILE: toNatsKey === undefined ? source.natsKeyFile : resolve(toNatsKey),
    ...(toNatsCa !== undefined && { NATS_CA_FILE: resolve(toNatsCa) }),
    ...(toReplicas !== undefined && { NATS_REPLICAS: String(toReplicas) }),
    ...(options.to === 'eventstoredb' && eventStoreUrl(options, environment)),
  };
}

/** @throws Trouble when source and target are one store */
export function requireOther(source: PlatformSettings, target: PlatformSettings): void {
  const [one, other] = [source.eventStore, target.eventStore];
  const isSame =
    one.kind === 'eventstoredb' && other.kind === 'eventstoredb'
      ? one.url.reveal() === other.url.reveal()
      : one.kind === other.kind && source.nats.url === target.nats.url;
  if (isSame) throw usage('That is where the log of this stack is already.');
}

function eventStoreUrl({ toUrl, toUrlFile }: TargetOptions, environment: Environment): Environment {
  if (toUrl !== undefined && toUrlFile !== undefined) {
    throw usage('Name --to-url or --to-url-file, not both.');
  }
  if (toUrl !== undefined) {
    if (!WITH_CREDENTIALS.test(toUrl)) return { EVENT_STORE_URL: toUrl };
    throw usage(
      'A password on the command line can be read by others.',
      `Put the URL into a file and name it with --to-url-file, or set ${URL_VARIABLE}.`,
    );
  }
  if (toUrlFile !== undefined) return { EVENT_STORE_URL_FILE: resolve(toUrlFile) };
  const [url, file] = [environment[URL_VARIABLE], environment[`${URL_VARIABLE}_FILE`]];
  if (!url && !file) {
    throw usage('Where is EventStoreDB?', `Name --to-url, --to-url-file or set ${URL_VARIABLE}.`);
  }
  return { EVENT_STORE_URL: url, EVENT_STORE_URL_FILE: file };
}

function usage(message: string, next?: string): Trouble {
  return new Trouble(message, { exitCode: exitCodes.usage, ...(next !== undefined && { next }) });
}
