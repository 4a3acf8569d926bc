import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ToolHostConfig } from './tool-host.config.js';
import { ToolHost } from './host/tool-host.js';
import { findBubblewrap } from './sandbox/bubblewrap.js';

/** A host that accepts connections, with the sandbox that this machine has. */
export async function startToolHost(
  config: ToolHostConfig,
  find = findBubblewrap,
): Promise<ToolHost> {
  const { listen, sandbox, homes, userHome, environment } = config;
  const scratch = config.scratch ?? mkdtempSync(join(tmpdir(), 'skynet-tools-'));
  const host = new ToolHost({
    scratch,
    environment,
    userHome,
    homes,
    hidden: 'path' in listen ? [dirname(listen.path)] : [],
    sandbox:
      sandbox === 'container' ? { kind: 'container' } : await find(environment['PATH'] ?? ''),
  });
  await host.listen(listen);
  return host;
}
