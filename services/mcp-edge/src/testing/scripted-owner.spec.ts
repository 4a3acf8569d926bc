import { MemoryMessageBus } from '@skynet/platform';
import { agentQueriesSuite } from '@skynet/testing';
import { agentIdNamed, agentRow, SPAWNED_AT_MS, TENANT } from './agent-rows.js';
import { ScriptedOwner } from './scripted-owner.js';

const rootId = agentIdNamed('root');
const childIds = [agentIdNamed('first'), agentIdNamed('second')];
const at = (ms: number) => ({ spawnedAtMs: SPAWNED_AT_MS + ms });
const below = { rootId, parentId: rootId, depth: 1 };

agentQueriesSuite('of the scripted owner', () => {
  const bus = new MemoryMessageBus();
  const owner = new ScriptedOwner(bus);
  owner.rows.push(
    agentRow('other', { status: 'completed', ...at(3) }),
    agentRow('second', { ...below, ...at(2) }),
    agentRow('first', { ...below, ...at(1) }),
    agentRow('root', { childIds, status: 'waiting' }),
  );
  owner.events = ['AgentSpawned', 'AgentAdmitted', 'RunStarted', 'AgentParked'].map(
    (type, revision) => ({ revision, type, timeMs: SPAWNED_AT_MS, epoch: 0, data: {} }),
  );
  return Promise.resolve({
    bus,
    tenant: TENANT,
    rootId,
    childIds,
    otherId: agentIdNamed('other'),
    dispose: () => bus.close(),
  });
});
