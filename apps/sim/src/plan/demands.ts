import type { Random } from '../time/random.js';
import type { Step } from './step.js';

const ACTIVE_MS = 10_000;

/** What clients and operators want besides agents: many commands at once, messages, agents at set times, other quotas. */
export function demandsOf(random: Random, tenants: readonly string[]): Step[] {
  return [
    ...burstsOf(random),
    ...schedulesOf(random, tenants),
    ...quotasOf(random, tenants),
    ...messagesOf(random.fork('messages')),
  ];
}

function messagesOf(random: Random): Step[] {
  return Array.from({ length: random.between(0, 12) }, (): Step => ({
    atMs: random.between(100, ACTIVE_MS),
    do: 'message',
    target: random.next(),
    count: random.between(1, 3),
    interrupts: random.chance(0.4),
    isTwice: random.chance(0.3),
  }));
}

function burstsOf(random: Random): Step[] {
  return Array.from({ length: random.between(0, 3) }, (_, burst): Step => {
    const count = random.between(3, 8);
    const commands = Array.from({ length: count }, () => random.pick(['pause', 'resume'] as const));
    const [atMs, target] = [random.between(200, ACTIVE_MS), random.next()];
    const isTwice = random.fork(`twice/${burst}`).chance(0.5);
    return { atMs, do: 'burst', target, commands, isTwice };
  });
}

function schedulesOf(random: Random, tenants: readonly string[]): Step[] {
  return Array.from({ length: random.between(0, 3) }).flatMap((_, schedule): Step[] => {
    const tenant = random.pick(tenants);
    const atMs = random.between(0, 5_000);
    const once = random.chance(0.5) && { afterSeconds: random.between(1, 7) };
    const isTwice = random.chance(0.3);
    const made: Step = { atMs, do: 'schedule', schedule, tenant, isTwice, ...once };
    if (!random.chance(0.25)) return [made];
    return [made, { atMs: atMs + random.between(100, 4_000), do: 'cancel', schedule, tenant }];
  });
}

function quotasOf(random: Random, tenants: readonly string[]): Step[] {
  if (random.chance(0.5)) return [];
  const tenant = random.pick(tenants);
  return Array.from({ length: random.between(1, 3) }, (): Step => {
    const changes = random.chance(0.5)
      ? { runningTrees: random.between(0, 3), liveAgents: null }
      : { runningTrees: null, liveAgents: random.between(0, 5) };
    return { atMs: random.between(0, ACTIVE_MS * 0.6), do: 'quotas', tenant, changes };
  });
}
