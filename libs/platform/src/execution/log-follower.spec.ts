import { describe, expect, it } from '@jest/globals';
import { StrangeStreamError, UnknownEventError, UnreadableEventError } from '@skynet/contracts';
import { commitOf, ManualClock, newStream, recordingLogger } from '@skynet/testing';
import type { StreamFault } from '../event-store/event-store.port.js';
import { MemoryEventStore, MemoryLog } from '../event-store/memory-event-store.adapter.js';
import { readStored } from '../event-store/stream-fault.js';
import type { Reading } from '../telemetry/metrics.port.js';
import { LogFollower, type LogFollowerOptions } from './log-follower.js';
import { StreamsSetAside } from './streams-set-aside.js';

/** A follower of a log that holds a commit, then something that is none. */
async function following(options: Partial<LogFollowerOptions> = {}) {
  const memory = new MemoryLog();
  const store = new MemoryEventStore(memory);
  const damaged = newStream();
  const { position } = await store.append(newStream(), commitOf(['a']), 'no-stream');
  memory.addDamage(damaged, 'it is none');
  memory.addDamage(damaged, 'it is none again');
  const { log, lines } = recordingLogger();
  const setAside = new StreamsSetAside(log);
  const bugs: unknown[] = [];
  const follower = new LogFollower({
    store,
    prefix: 'agent-',
    handle: () => undefined,
    setAside,
    clock: new ManualClock(),
    log,
    onBug: (error) => bugs.push(error),
    ...options,
  });
  await follower.start();
  await follower.stop();
  return { follower, setAside, store, memory, damaged, position, lines, bugs };
}

describe('a follower of a log with something that is no commit', () => {
  it('sets its stream aside, tells of it, and its place is behind it', async () => {
    const told: StreamFault[] = [];
    const onFault = (fault: StreamFault) => void told.push(fault);
    const { follower, setAside, store, damaged, position, bugs } = await following({ onFault });
    const fault = { stream: damaged, place: 'message 2 of the log', reason: 'it is none' };
    expect(told[0]).toEqual({ ...fault, isNewer: false });
    expect(setAside.of(damaged)).toEqual(told[0]);
    expect(store.comparePositions(follower.position ?? position, position)).toBeGreaterThan(0);
    expect(bugs).toEqual([]);
  });

  it('says so once for each stream', async () => {
    const { damaged, lines } = await following();
    expect(lines.filter(({ stream }) => stream === damaged)).toHaveLength(1);
  });
});

describe('a follower that meets a commit that it can not read', () => {
  it.each([
    ['an unknown type', new UnknownEventError('AgentDreamt', 1, false), false],
    ['a newer version', new UnknownEventError('AgentSpawned', 4, true), true],
    ['data that is none', new UnreadableEventError('AgentSpawned', 1), false],
    ['a name that is none', new StrangeStreamError('agent-x'), false],
  ])('of %s hands out all others', async (_, refusal, isNewer) => {
    const handled: string[] = [];
    const { store, setAside, follower, bugs } = await following({
      handle: ({ events }) => {
        const read = ({ data }: { readonly data: unknown }) => (data as { text: string }).text;
        const words = events.map((stored) =>
          readStored(stored, (event) => {
            if (read(event) === 'strange') throw refusal;
            return read(event);
          }),
        );
        handled.push(...words);
      },
    });
    const strange = newStream();
    await store.append(strange, commitOf(['strange']), 'no-stream');
    await store.append(newStream(), commitOf(['b']), 'no-stream');
    await follower.start();
    await follower.stop();
    expect(handled).toEqual(['a', 'a', 'b']);
    expect(setAside.of(strange)).toMatchObject({ place: 'event 0', isNewer });
    expect(follower.position).toBe(await store.head());
    expect(bugs).toEqual([]);
  });

  it('because a part of its stream is missing hands out all others', async () => {
    const whole: { read?: (stream: string) => Promise<unknown> } = {};
    const { store, setAside, follower, memory } = await following({
      handle: async ({ stream }) => void (await whole.read?.(stream)),
    });
    whole.read = (stream) => store.read(stream);
    const stream = newStream();
    const { position } = await store.append(stream, commitOf(['a']), 'no-stream');
    const [event] = await store.read(stream);
    if (event === undefined) throw new Error('nothing was appended');
    const later = { ...event, revision: 7 };
    memory.add({ stream, id: 'x', revision: 7, position, events: [later] });
    await store.append(newStream(), commitOf(['b']), 'no-stream');
    await follower.start();
    await follower.stop();
    expect(setAside.of(stream)).toMatchObject({ isNewer: false });
    expect(store.comparePositions(follower.position ?? position, position)).toBeGreaterThan(0);
  });
});

describe('what is shown of streams that are set aside', () => {
  it('is their number by kind, and a notice beside the health', () => {
    const { log } = recordingLogger();
    const setAside = new StreamsSetAside(log);
    const read: (() => Iterable<Reading>)[] = [];
    setAside.count({ gauge: (_name, _options, reading) => void read.push(reading) });
    const readings = () => [...(read[0]?.() ?? [])].map(({ value }) => value);
    expect([setAside.notice(), readings()]).toEqual([undefined, [0, 0]]);
    const fault = { place: 'event 1', reason: 'so', isNewer: false };
    for (const stream of ['agent-a', 'agent-a', 'agent-b']) setAside.add({ ...fault, stream });
    setAside.add({ ...fault, stream: 'agent-c', isNewer: true });
    expect(readings()).toEqual([2, 1]);
    expect(setAside.notice()).toBe(
      '2 streams are damaged, 1 need a newer release: skynet log doctor',
    );
  });
});
