import type { Random } from '../time/random.js';
import type { Step } from './step.js';

const ACTIVE_MS = 10_000;

/** What clients and operators want besides agents: many commands at once, messages, more budget, agents at set times, other quotas. */
export function demandsOf(random: Random, tenants: readonly string[]): Step[] {
  return [
    ...burstsOf(random),
    ...schedulesOf(random, tenants),
    ...quotasOf(random, tenants),
    ...messagesOf(random.fork('messages')),
    ...extensionsOf(random.fork('extensions')),
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

/** Now and then who sets more aside dies before the child is told. */
function extensionsOf(random: Random): Step[] {
  return Array.from({ length: random.between(0, 10) }).flatMap((): Step[] => {
    const atMs = random.between(100, ACTIVE_MS);
    const add = {
      ...(random.chance(0.6) && { tokens: random.pick([500, 20_000, 50_000_000]) }),
      ...(random.chance(0.3) && { descendants: random.between(1, 3) }),
      seconds: random.between(1, 8),
    };
    const target = random.next();
    const isCareless = random.chance(0.3);
    const isTwice = !isCareless && random.chance(0.3);
    const extend: Step = { atMs, do: 'extend', target, add, isTwice, isCareless };
    if (!isCareless) return [extend];
    const forMs = random.between(500, 9_000);
    const event = 'ChildExtended';
    return [
      { atMs, do: 'crashAfter', process: 'runtime-0', event, forMs },
      { atMs, do: 'crashAfter', process: 'runtime-1', event, forMs },
      extend,
    ];
  });
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
