import { describe, expect, it } from '@jest/globals';
import { knownSettings } from '../../apps/cli/src/stack/service-settings.js';
import { agentRuntimeEnvironment } from '../../services/agent-runtime/src/config/agent-runtime.config.js';
import { authEnvironment } from '../../services/auth/src/config/auth.config.js';
import { mcpEdgeEnvironment } from '../../services/mcp-edge/src/config/mcp-edge.config.js';
import { schedulerEnvironment } from '../../services/scheduler/src/scheduler.config.js';

const schemas = [
  agentRuntimeEnvironment,
  authEnvironment,
  mcpEdgeEnvironment,
  schedulerEnvironment,
];
const settings = new Set(schemas.flatMap(({ shape }) => Object.keys(shape)));
const own = [...settings].filter((name) => /^(AGENT_RUNTIME|AUTH|EDGE|SCHEDULER)_/.test(name));

describe('skynet up', () => {
  it('knows every setting of the services: it hands it on, or decides it and says so', () => {
    expect(knownSettings).toEqual(expect.arrayContaining(own));
  });

  it('knows no setting that no service has', () => {
    expect(knownSettings.filter((name) => !settings.has(name))).toEqual([]);
  });
});
