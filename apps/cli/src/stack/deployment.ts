import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { NatsUser } from '@skynet/platform';
import { writeConnection } from '../client/connection-file.js';
import { writeAuditRegistry } from '../demo/audit-registry.js';
import { Trouble } from '../trouble.js';
import { writeNatsConfig } from '../nats/nats-config.js';
import { serviceProgram } from './repository.js';

/** How the parts of a deployment reach each other. */
export interface DeploymentAddresses {
  /** Where nats-server listens, `host:port`. */
  readonly natsListen: string;
  /** Where it answers health checks, `host:port`. */
  readonly natsMonitor: string;
  /** Where it keeps everything, as it sees its own files. */
  readonly natsStore: string;
  readonly nats: string;
  readonly mcp: string;
  readonly edgeHealth: string;
  readonly auth: string;
}

export interface DeploymentOptions extends DeploymentAddresses {
  /** Syncs every append to disk; needs nats-server 2.12.15 or 2.14.5. */
  readonly syncAlways: boolean;
  /** Project that the demo's agents audit. Default: the runtime does not know the demo. */
  readonly demoProject?: string;
}

/**
 * Writes what the parts of a deployment must be given: below `folder` one folder for each, to be handed to that part
 * alone. Keys and secrets that are there stay. Safe to repeat.
 */
export async function prepareDeployment(folder: string, options: DeploymentOptions): Promise<void> {
  const { natsListen, natsMonitor, natsStore, syncAlways, demoProject } = options;
  await writeNatsConfig(
    join(folder, 'nats', 'nats-server.conf'),
    (user: NatsUser) => join(folder, user, 'nats.nk'),
    { listen: natsListen, monitor: natsMonitor, storeFolder: natsStore, syncAlways },
  );
  await makeOperator(folder, options);
  if (demoProject !== undefined) {
    await writeAuditRegistry(join(folder, 'agent-runtime'), { folder: demoProject });
  }
}

/** The operator's tools find their way with a data folder like that of `up`, here without data. */
async function makeOperator(
  folder: string,
  { nats, mcp, edgeHealth: health, auth: issuer }: DeploymentAddresses,
): Promise<void> {
  const dataDir = join(folder, 'operator');
  const clients = join(folder, 'auth', 'clients.json');
  await mkdir(join(dataDir, 'auth'), { recursive: true, mode: 0o700 });
  await mkdir(join(folder, 'auth'), { recursive: true, mode: 0o700 });
  const program = serviceProgram('auth', 'make-local-client.js');
  const args = [program, '--data', join(dataDir, 'auth'), '--clients', clients];
  try {
    await promisify(execFile)(process.execPath, args);
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new Trouble(`The operator's client could not be made: ${stderr.trim()}`, {
      cause: error,
    });
  }
  const natsKeyFile = join(dataDir, 'nats.nk');
  const token = { token: '', tokenExpiresAt: new Date(0).toISOString() };
  await writeConnection({
    mcp,
    edges: [mcp],
    health,
    issuer,
    nats,
    natsKeyFile,
    dataDir,
    ...token,
  });
}
