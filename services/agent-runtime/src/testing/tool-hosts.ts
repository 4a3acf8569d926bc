import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RemoteToolHost, startToolHost, type HostConnector } from '@skynet/tool-host';

/** A host of tool servers in this process; its servers have no secrets to find, but for what a test lays out. */
export class TestToolHost implements HostConnector {
  private constructor(
    private readonly remote: RemoteToolHost,
    private readonly end: () => Promise<void>,
  ) {}

  static async start(): Promise<TestToolHost> {
    const folder = mkdtempSync(join(tmpdir(), 'skynet-test-host-'));
    const listen = { path: join(folder, 'host.sock') };
    const host = await startToolHost({
      listen,
      sandbox: 'bubblewrap',
      homes: join(folder, 'homes'),
      userHome: folder,
      environment: { PATH: '/usr/bin:/bin' },
    });
    return new TestToolHost(new RemoteToolHost(listen), async () => {
      await host.close();
      rmSync(folder, { recursive: true, force: true });
    });
  }

  connect() {
    return this.remote.connect();
  }

  close(): Promise<void> {
    return this.end();
  }
}
