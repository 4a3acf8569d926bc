import { join } from 'node:path';

const LOOPBACK = '127.0.0.1';
const SERVICES = ['frontend', 'history', 'matching', 'worker'];

/** What development-sqlite-file.yaml of the server says, with a folder and ports of this run. */
export async function serverConfig(folder, freePort) {
  const services = {};
  for (const service of SERVICES) {
    const rpc = { grpcPort: await freePort(), membershipPort: await freePort() };
    services[service] = { rpc: { ...rpc, bindOnLocalHost: true } };
  }
  services.frontend.rpc.httpPort = await freePort();
  const { grpcPort, httpPort } = services.frontend.rpc;
  return {
    log: { stdout: true, level: 'error' },
    persistence: {
      defaultStore: 'store',
      visibilityStore: 'visibility',
      numHistoryShards: 1,
      datastores: {
        store: sqlite(join(folder, 'store.db')),
        visibility: sqlite(join(folder, 'visibility.db')),
      },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: LOOPBACK } },
    services,
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `${LOOPBACK}:${grpcPort}`,
          httpAddress: `${LOOPBACK}:${httpPort}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
  };
}

function sqlite(databaseName) {
  const connectAttributes = {
    cache: 'private',
    setup: true,
    mode: 'rwc',
    journal_mode: 'wal',
    synchronous: 2,
  };
  return {
    sql: {
      pluginName: 'sqlite',
      databaseName,
      connectAddr: 'localhost',
      connectProtocol: 'tcp',
      connectAttributes,
      maxConns: 1,
      maxIdleConns: 1,
      maxConnLifetime: '1h',
    },
  };
}
