import type { Plant } from './patched-source.js';

const scheduler = 'scheduler/dist';
const agents = 'domain/agents/dist';
const scheduling = 'domain/scheduling/dist';

/** Bugs that only clocks bring to light which are wrong for a while. */
export const clockPlants: readonly Plant[] = [
  {
    name: 'a kept slot is free by the clock of who freed it',
    file: `${scheduler}/leadership/coordinator.js`,
    from: 'this.catchingUpSinceMs ?? clock.monotonicMs()',
    to: 'timeMs - clock.nowMs() + clock.monotonicMs()',
  },
  {
    name: 'a slot that was given before a pause is taken after it',
    file: `${agents}/evolution/evolve.js`,
    from: "state.phase === 'queued' ? state.revision : state.queuedRevision",
    to: 'state.queuedRevision',
    also: [
      {
        file: `${scheduling}/schedule.js`,
        from: 'entry.queuedRevision = revision;\n        this.enqueue(entry);',
        to: 'this.enqueue(entry);',
      },
    ],
  },
];
