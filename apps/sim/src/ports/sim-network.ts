import {
  agentCommandSchemas,
  commandEnvelopeSchema,
  slotsLentSchema,
  subjects,
} from '@skynet/contracts';
import type { BusMessage } from '@skynet/platform';
import type { VirtualTime } from '../time/virtual-time.js';
import { DurableQueue } from './durable-queue.js';
import type { SimProcess } from './sim-process.js';
import type { Sky } from './weather.js';

export type Listener = (message: BusMessage) => void;
export type Server = (message: BusMessage) => Promise<unknown>;

interface Registered<Handler> {
  readonly subject: string;
  readonly process: SimProcess;
  readonly handler: Handler;
}

const RUN_ACK_WAIT_MS = 4_000;
const COMMAND_ACK_WAIT_MS = 10_000;
const DUPLICATES_MS = 120_000;

/** The server between the processes: hints, requests and durable queues. */
export class SimNetwork {
  readonly runs: DurableQueue<BusMessage>;
  readonly commands: DurableQueue<BusMessage>;
  readonly listeners = new Set<Registered<Listener>>();
  readonly servers = new Set<Registered<Server>>();
  /** Until when slots that were lent may be taken, by loan; since the start of the simulation. */
  readonly loans = new Map<string, number>();
  /** When a slot was given to each agent first, since the start of the simulation. */
  readonly givenMs = new Map<string, number>();
  private readonly seenIds = new Map<string, number>();

  constructor(
    readonly time: VirtualTime,
    readonly sky: Sky,
  ) {
    this.runs = new DurableQueue(time, sky, RUN_ACK_WAIT_MS);
    this.commands = new DurableQueue(time, sky, COMMAND_ACK_WAIT_MS);
  }

  store(message: BusMessage, id?: string): void {
    const { elapsedMs } = this.time;
    if (id !== undefined) {
      if (elapsedMs - (this.seenIds.get(id) ?? -Infinity) < DUPLICATES_MS) return;
      this.seenIds.set(id, elapsedMs);
    }
    if (message.subject.startsWith('run.')) this.runs.push(message);
    else if (message.subject.startsWith(COMMANDS)) this.commands.push(message);
    if (message.subject === ADMISSIONS) this.noteGiven(message);
  }

  tell(message: BusMessage): void {
    if (message.subject === subjects.slotsLent) {
      const { loanId, validForMs } = slotsLentSchema.parse(message.data);
      this.loans.set(loanId, this.time.elapsedMs + validForMs);
    }
    for (const { subject, process, handler } of this.listeners) {
      if (!matches(subject, message.subject)) continue;
      const times = this.sky.strikes('doubledHints') ? 2 : 1;
      for (let time = 0; time < times; time += 1) {
        if (this.sky.strikes('lostHints')) continue;
        this.time.after(this.sky.latencyMs('back'), () => process.enter(() => handler(message)));
      }
    }
  }

  serverOf(subject: string): Registered<Server> | undefined {
    const able = [...this.servers].filter((server) => matches(server.subject, subject));
    return able.length === 0 ? undefined : this.sky.random.pick(able);
  }

  private noteGiven({ data }: BusMessage): void {
    const { agents } = agentCommandSchemas.AdmitAgents.parse(
      commandEnvelopeSchema.parse(data).data,
    );
    for (const { agentId } of agents) {
      if (!this.givenMs.has(agentId)) this.givenMs.set(agentId, this.time.elapsedMs);
    }
  }
}

const ADMISSIONS = subjects.command('agents', 'AdmitAgents');
const COMMANDS = subjects.command('agents', 'SpawnAgent').replace('SpawnAgent', '');

function matches(pattern: string, subject: string): boolean {
  if (pattern === subject) return true;
  const [wanted, had] = [pattern.split('.'), subject.split('.')];
  return (
    wanted.length === had.length &&
    wanted.every((token, index) => token === '*' || token === had[index])
  );
}
