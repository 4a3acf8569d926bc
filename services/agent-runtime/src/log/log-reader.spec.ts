import { beforeEach, describe, expect, it } from '@jest/globals';
import { readAgentEvent, streamNames, type AgentId } from '@skynet/contracts';
import {
  MemoryEventStore,
  MemoryLog,
  noMetrics,
  silentLogger as log,
  StreamsSetAside,
  WorldError,
  type Commit,
  type Position,
  type StreamFault,
} from '@skynet/platform';
import { agentSpawned, anAgentId, eventually, ManualClock } from '@skynet/testing';
import { Agents } from '../owner/agents.js';
import type { AgentCommit } from './agent-commit.js';
import type { LogConsumer } from './log-consumer.js';
import { LogReader } from './log-reader.js';

const origin = { tenant: 'acme', principal: 'alice' };
const one = anAgentId(1);
const other = anAgentId(2);

/** Notes what it is handed. */
class Notes implements LogConsumer {
  readonly commits: AgentCommit[] = [];
  readonly faults: StreamFault[] = [];
  readonly leading: boolean[] = [];
  /** What is done with a commit beside noting it. */
  work: (commit: AgentCommit) => Promise<void> | void = () => undefined;
  settled: () => Promise<void> = () => Promise.resolve();

  constructor(readonly onLeaderOnly?: boolean) {}

  get types(): string[] {
    return this.commits.flatMap(({ events }) => events.map(({ type }) => type));
  }

  handle(commit: AgentCommit): Promise<void> | void {
    this.commits.push(commit);
    return this.work(commit);
  }

  handleFault(fault: StreamFault): void {
    this.faults.push(fault);
  }

  lead(): void {
    this.leading.push(true);
  }

  follow(): void {
    this.leading.push(false);
  }
}

let clock: ManualClock;
let memory: MemoryLog;
let agents: Agents;
let saved: Position | undefined;
let bugs: unknown[];
let first: Notes;
let second: Notes;
let leaders: Notes;
let isBehindFault: (commit: Pick<Commit, 'stream' | 'revision'>) => boolean;
let reader: LogReader;

beforeEach(() => {
  clock = new ManualClock();
  memory = new MemoryLog();
  agents = new Agents(new MemoryEventStore(memory), clock);
  saved = undefined;
  bugs = [];
  [first, second, leaders] = [new Notes(), new Notes(), new Notes(true)];
  isBehindFault = () => false;
  const checkpoint = {
    load: () => Promise.resolve(saved),
    save: async (position: Position | undefined) => void (saved = position),
  };
  reader = new LogReader({
    store: new MemoryEventStore(memory),
    consumers: [first, second, leaders],
    checkpoint: () => checkpoint,
    isBehindFault: (commit) => isBehindFault(commit),
    setAside: new StreamsSetAside(log),
    clock,
    log,
    metrics: noMetrics,
    onBug: (error) => bugs.push(error),
  });
});

const spawn = (agentId: AgentId) =>
  agents.spawn({ ...agentSpawned({ agentId, rootId: agentId }).data }, origin);

const pause = (agentId: AgentId) =>
  agents.execute(agentId, { id: `pause-${agentId}`, type: 'PauseAgent', data: {} }, origin);

/** Puts a commit of one event behind those of the agent, as it stands in a log. */
function store(agentId: AgentId, event: { type: string; version: number; data: object }): void {
  const stream = streamNames.agent(agentId);
  const last = memory.streams.get(stream)?.at(-1)?.events.at(-1);
  if (last === undefined) throw new Error('not spawned');
  const revision = last.revision + 1;
  const id = `${stream}-${revision}`;
  const metadata = { ...last.metadata, commit: { id, index: 0, size: 1 } };
  const events = [{ ...last, ...event, id, revision, metadata }];
  memory.add({ stream, id, revision, position: memory.nextPosition, events });
}

describe('a reader of the log', () => {
  it('hands each commit to all consumers, read once, in the newest shapes', async () => {
    await spawn(one);
    const old = { type: 'AgentCompleted', version: 1, data: { output: 'seven' } };
    store(one, old);
    await reader.start(undefined);
    expect(first.types).toEqual(['AgentSpawned', 'AgentCompleted']);
    const { data } = readAgentEvent(old);
    expect(first.commits[1]?.events).toMatchObject([{ revision: 1, data }]);
    for (const [index, commit] of first.commits.entries()) {
      expect(second.commits[index]).toBe(commit);
    }
  });

  it('has consumers and later commits wait for one that takes its time', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    first.work = () => promise;
    await spawn(one);
    await pause(one);
    const started = reader.start(undefined);
    await eventually(() => expect(first.types).toEqual(['AgentSpawned']));
    expect(second.types).toEqual([]);
    resolve();
    await started;
    expect(second.types).toEqual(['AgentSpawned', 'AgentPaused']);
  });

  it('hands a commit again when the world prevented it', async () => {
    await spawn(one);
    let failures = 1;
    first.work = () => {
      if (failures-- > 0) throw new WorldError('no connection', 'later');
    };
    const started = reader.start(undefined);
    await eventually(() => expect(failures).toBe(0));
    await clock.advance(1_000);
    await started;
    expect(first.types).toEqual(['AgentSpawned', 'AgentSpawned']);
    expect(second.types).toEqual(['AgentSpawned']);
    expect(bugs).toEqual([]);
  });

  it('ends the process on a bug of a consumer', async () => {
    const bug = new TypeError('not a function');
    await spawn(one);
    first.work = () => Promise.reject(bug);
    await expect(reader.start(undefined)).rejects.toBe(bug);
    expect(bugs).toEqual([bug]);
  });

  it('tells of a stream that can not be read, and goes on with the others', async () => {
    await spawn(one);
    store(one, { type: 'AgentDreamt', version: 1, data: {} });
    await spawn(other);
    await reader.start(undefined);
    const stream = streamNames.agent(one);
    for (const { faults, commits } of [first, second]) {
      expect(faults).toMatchObject([{ stream, place: 'event 1' }]);
      expect(commits.map((commit) => commit.stream)).toEqual([stream, streamNames.agent(other)]);
    }
  });

  it('hands nobody what lies behind a fault', async () => {
    await spawn(one);
    await pause(one);
    isBehindFault = ({ revision }) => revision > 0;
    await reader.start(undefined);
    expect(first.types).toEqual(['AgentSpawned']);
  });

  it('goes on from another place, which it is given while nothing is read', async () => {
    await spawn(one);
    await reader.start(undefined);
    const atChange: number[] = [];
    const change = async () => {
      await spawn(other);
      atChange.push(first.commits.length);
    };
    await reader.restart(() => Promise.resolve({ from: undefined, change }));
    expect(atChange).toEqual([1]);
    expect(first.types).toEqual(['AgentSpawned', 'AgentSpawned', 'AgentSpawned']);
  });
});

describe('a reader that leads', () => {
  it('hands all since the checkpoint to those that act only on the leader', async () => {
    await spawn(one);
    saved = memory.entries[0]?.commit?.position;
    await pause(one);
    await reader.start(saved);
    expect(leaders.types).toEqual([]);
    await reader.lead();
    expect(leaders.leading).toEqual([true]);
    expect(leaders.types).toEqual(['AgentPaused']);
    reader.follow();
    await spawn(other);
    await eventually(() => expect(first.types).toContain('AgentSpawned'));
    expect(leaders.leading).toEqual([true, false]);
    expect(leaders.types).toEqual(['AgentPaused']);
  });

  it('moves the checkpoint only when all consumers have settled', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    leaders.settled = () => promise;
    await reader.start(undefined);
    await reader.lead();
    await spawn(one);
    await eventually(() => expect(leaders.types).toEqual(['AgentSpawned']));
    await clock.advance(5_000);
    expect([saved, reader.position]).toEqual([undefined, undefined]);
    resolve();
    await eventually(() => expect(saved).toBe(memory.entries[0]?.commit?.position));
    expect(reader.position).toBe(saved);
  });

  it('tries to settle again what the world prevented', async () => {
    let failures = 1;
    leaders.settled = async () => {
      if (failures-- > 0) throw new WorldError('no connection', 'later');
    };
    await spawn(one);
    await reader.start(undefined);
    await reader.lead();
    await clock.advance(600);
    expect([failures, saved]).toEqual([0, undefined]);
    await clock.advance(600);
    expect(saved).toBe(memory.entries[0]?.commit?.position);
    expect(bugs).toEqual([]);
  });

  it('ends the process when a consumer can not settle for a bug', async () => {
    const bug = new TypeError('not a function');
    leaders.settled = () => Promise.reject(bug);
    await spawn(one);
    await reader.start(undefined);
    await reader.lead();
    await clock.advance(600);
    expect(bugs).toEqual([bug]);
    expect(saved).toBeUndefined();
  });

  it('says so when it leads no more while its reading to the end is waited for', async () => {
    await reader.start(undefined);
    await reader.lead();
    const { promise } = Promise.withResolvers<void>();
    first.work = () => promise;
    await spawn(one);
    const reading = reader.readToEnd();
    const rejected = expect(reading).rejects.toMatchObject({ name: 'WorldError', retry: 'later' });
    reader.follow();
    await clock.advance(100);
    await rejected;
  });
});
