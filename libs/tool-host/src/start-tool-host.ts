import { dirname } from 'node:path';
import type { ToolHostConfig } from './tool-host.config.js';
import { ToolHost } from './host/tool-host.js';
import { findBubblewrap } from './sandbox/bubblewrap.js';

/** A host that accepts connections, with the sandbox that this machine has. */
export async function startToolHost(
  config: ToolHostConfig,
  find = findBubblewrap,
): Promise<ToolHost> {
  const { listen, sandbox, homes, userHome, environment } = config;
  const host = new ToolHost({
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
