import { RuntimeWorld, type RuntimeOptions, type WorldClock } from './runtime-world.js';

/** A world with one replica in it. */
export async function startedWorld(
  clock: WorldClock,
  options: RuntimeOptions = {},
): Promise<RuntimeWorld> {
  const world = await RuntimeWorld.create(clock);
  await world.start(options);
  return world;
}

/** @throws AggregateError when something failed in it that must not fail */
export async function endWorld(world: RuntimeWorld): Promise<void> {
  await world.stop();
  if (world.bugs.length > 0) throw new AggregateError(world.bugs, 'bugs of the runtime');
}
