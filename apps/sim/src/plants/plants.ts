import type { Plant } from './patched-source.js';
import { clockPlants } from './clock-plants.js';
import { extensionPlants } from './extension-plants.js';
import { guardPlants } from './guard-plants.js';
import { messagePlants } from './message-plants.js';
import { requestPlants } from './request-plants.js';

const domain = 'domain/agents/dist';
const scheduling = 'domain/scheduling/dist';
const platform = 'platform/dist';
const runtime = 'agent-runtime/dist';
const scheduler = 'scheduler/dist';

/** Bugs that every simulation worth its name finds. */
export const plants: readonly Plant[] = [
  {
    name: 'the expected revision is not looked at',
    file: `${platform}/event-store/memory-event-store.adapter.js`,
    from: 'if (revision !== expected) {',
    to: 'if (false) {',
  },
  {
    name: 'a commit answers for one that begins as it',
    file: `${platform}/execution/command-batch.js`,
    from: 'randomUUID()',
    to: "events[0]?.id ?? ''",
  },
  {
    name: 'a command is answered before it is appended',
    file: `${platform}/execution/command-handler.js`,
    from: 'let position;\n',
    to: 'let position; for (const one of decided) one.pending.resolve({ ...after, ...outcomeOf(one, position) });\n',
  },
  {
    name: 'a row that was not written is forgotten',
    file: `${platform}/execution/row-writer.js`,
    from: 'this.dirty.set(...entry);',
    to: ';',
  },
  {
    name: 'an older row is written over a newer one',
    file: `${platform}/execution/row-writer.js`,
    from: 'return storedAs(entry.revision, entry.value);',
    to: ';',
  },
  {
    name: 'workers that live count as gone',
    file: `${platform}/execution/worker-leases.js`,
    from: '(this.seenAt.get(holder) ?? 0) >= BEATS_UNTIL_GONE',
    to: '(this.seenAt.get(holder) ?? 0) >= 0',
  },
  {
    name: 'workers that are gone count as living',
    file: `${platform}/execution/worker-leases.js`,
    from: '(this.seenAt.get(holder) ?? 0) >= BEATS_UNTIL_GONE',
    to: '(this.seenAt.get(holder) ?? 0) >= Infinity',
  },
  {
    name: 'the end of a child counts twice',
    file: `${domain}/decisions/waiting.js`,
    from: 'child === undefined || child.ended !== undefined',
    to: 'child === undefined',
  },
  {
    name: 'a wake-up is lost',
    file: `${domain}/decisions/waiting.js`,
    from: "wakeIfDone(draft, 'children');",
    to: '',
  },
  {
    name: 'the budget of a child is never given back',
    file: `${domain}/agent/available.js`,
    from: 'of liveChildren(state)) {',
    to: 'of state.children) {',
  },
  {
    name: 'what a child spent costs its parent nothing',
    file: `${domain}/evolution/children.js`,
    from: 'plusChild(state.spent, ended.spent)',
    to: 'state.spent',
  },
  {
    name: 'a model call holds nothing',
    file: `${domain}/agent/available.js`,
    from: 'if (held !== undefined) {',
    to: 'if (false) {',
  },
  {
    name: 'a pause is ignored',
    file: `${domain}/decisions/next-step.js`,
    from: 'state.paused || context.draining',
    to: 'context.draining',
  },
  {
    name: 'the failure of a child is lost',
    file: `${domain}/child-end.js`,
    from: 'failure: row?.failure',
    to: 'failure: undefined',
  },
  {
    name: 'a call under ask is made again',
    file: `${domain}/decisions/running.js`,
    from: "recovery === 'retry' || recovery === 'key'",
    to: "recovery !== 'fail'",
  },
  {
    name: 'an end is not final',
    file: `${domain}/decisions/ending.js`,
    from: 'if (isLive(state)) {',
    to: "if (state.phase !== 'absent' && state.phase !== 'refused') {",
  },
  {
    name: 'a deadline is ignored',
    file: `${domain}/decisions/ending.js`,
    from: 'command.nowMs < state.spawned.limits.deadlineMs',
    to: 'true',
  },
  {
    name: 'a quorum is counted wrong',
    file: `${domain}/decisions/awaiting.js`,
    from: 'ended.length >= open.needed',
    to: 'ended.length >= open.needed - 1',
  },
  {
    name: 'a wait for any waits for all',
    file: `${domain}/decisions/awaiting.js`,
    from: 'any: 1,',
    to: 'any: children,',
  },
  {
    name: 'an agent is spawned twice',
    file: `${domain}/decisions/spawning.js`,
    from: 'if (state.spawned.spec.argsHash === spec.argsHash)\n        return nothingToDo();',
    to: "if (state.spawned.spec.argsHash === spec.argsHash)\n        return accept({ type: 'AgentSpawned', data: command.data });",
  },
  {
    name: 'arguments under one key are not compared',
    file: `${domain}/decisions/spawning.js`,
    from: 'state.spawned.spec.argsHash === spec.argsHash',
    to: 'true',
  },
  {
    name: 'kept slots do not count',
    file: `${scheduling}/slots-in-hand.js`,
    from: 'this.count(slot.tenant, { slots: 1, trees: 0 });',
    to: '',
  },
  {
    name: 'kept slots are never free again',
    file: `${scheduling}/slots-in-hand.js`,
    from: 'for (const [key, { untilMs }] of this.kept)',
    to: 'for (const [key, { untilMs }] of [])',
  },
  {
    name: 'slots of one tenant are not counted',
    file: `${scheduling}/slots-in-hand.js`,
    from: 'this.countOf(terms, 1);',
    to: '',
  },
  {
    name: 'an admission that did not come about is not sent again',
    file: `${scheduler}/admission/admissions.js`,
    from: 'again.push(first.turn);',
    to: 'void 0;',
  },
  {
    name: 'a lost dispatch is not looked for',
    file: `${scheduler}/admission/dispatcher.js`,
    from: 'of this.schedule.unstarted()',
    to: 'of []',
  },
  {
    name: 'a lost run is not looked for',
    file: `${scheduler}/admission/dispatcher.js`,
    from: 'of this.schedule.openRuns()',
    to: 'of []',
  },
  {
    name: 'deadlines are not enforced',
    file: `${scheduler}/admission/deadlines.js`,
    from: 'of schedule.takeDue(clock.nowMs(), clock.monotonicMs())',
    to: 'of []',
  },
  {
    name: 'a slot is taken after its time',
    file: `${runtime}/worker/trees/start.js`,
    from: 'return clock.monotonicMs() > lastMomentMs;',
    to: 'return false;',
    also: [
      {
        file: `${runtime}/worker/trees/start.js`,
        from: "return { id, type: 'BeginRun', data, lastMomentMs };",
        to: "return { id, type: 'BeginRun', data };",
      },
    ],
  },
  {
    name: 'a reserved child is never made',
    file: `${runtime}/reactions/reservations.reactor.js`,
    from: 'else if (!isThere)',
    to: 'else if (false)',
  },
  {
    name: 'an end is not carried down',
    file: `${runtime}/reactions/cascade.reactor.js`,
    from: 'if (commit.events.some(endsAgent))',
    to: 'if (false)',
  },
  {
    name: 'a call is made without its key',
    file: `${runtime}/worker/run/effects.js`,
    from: "recovery === 'key'",
    to: "recovery === 'none'",
  },
  {
    name: 'a late command is carried out',
    file: `${runtime}/commands/received-command.js`,
    from: 'leftMs < 0',
    to: 'false',
  },
  ...requestPlants,
  ...guardPlants,
  ...clockPlants,
  ...messagePlants,
  ...extensionPlants,
];
