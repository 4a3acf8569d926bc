import type { Evidence } from './evidence.js';

/** What clients were told is so; in the end all get answers. */
export function findBrokenPromises({ quietMs, sent, world }: Evidence): string[] {
  return sent.flatMap(({ agentId, atMs, isOther, reply, type }) => {
    const agent = world.log.agents.get(agentId);
    const name = `${type} at ${atMs.toFixed(0)} ms`;
    if (reply === undefined) return atMs > quietMs ? [`${name} was never answered`] : [];
    if (type !== 'SpawnAgent' || !reply.ok) return [];
    if (agent === undefined) return [`${name} was accepted, and there is no such agent`];
    const path = agent.path;
    return isOther !== path.endsWith('x')
      ? [`${name} was accepted for ${path}, with other arguments`]
      : [];
  });
}
