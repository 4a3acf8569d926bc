import { randomUUID } from 'node:crypto';
import {
  WorldError,
  type BusMessage,
  type MessageBus,
  type PublishOptions,
} from '@skynet/platform';
import type { Listener, Server, SimNetwork } from './sim-network.js';
import type { SimProcess } from './sim-process.js';

const TIMEOUT_MS = 2_000;

/** The network as one process has it. */
export class SimBus implements MessageBus {
  readonly closed = new Promise<void>(() => undefined);

  constructor(
    private readonly network: SimNetwork,
    private readonly process: SimProcess,
  ) {}

  publish(subject: string, data: unknown, options: PublishOptions = {}): Promise<void> {
    const { headers = {}, id } = options;
    const message = { subject, data: plain(data), headers };
    const { sky } = this.process;
    if (!sky.strikes('lostPublishes')) {
      return this.process.call(async () => this.network.store(message, id));
    }
    if (sky.random.chance(0.5)) this.process.send(() => this.network.store(message, id));
    return new Promise((_resolve, reject) => {
      const late = () => reject(new WorldError(`${subject}: not confirmed`, 'later'));
      this.process.clock.timer(TIMEOUT_MS, late);
    });
  }

  hint(subject: string, data: unknown): void {
    const message = { subject, data: plain(data), headers: {} };
    this.process.send(() => this.network.tell(message));
  }

  reply(inbox: string, data: unknown): void {
    this.hint(inbox, data);
  }

  onHint(subject: string, handler: Listener): () => void {
    return this.register(this.network.listeners, { subject, process: this.process, handler });
  }

  request(subject: string, data: unknown, { timeoutMs = TIMEOUT_MS } = {}): Promise<unknown> {
    const message = { subject, data: plain(data), headers: {} };
    return new Promise((resolve, reject) => {
      const fail = (reason: string) => () =>
        reject(new WorldError(`${subject}: ${reason}`, 'later'));
      this.process.clock.timer(timeoutMs, fail('no answer'));
      this.process.send(() => {
        const server = this.network.serverOf(subject);
        const back = (callback: () => void) =>
          this.network.time.after(this.network.sky.latencyMs('back'), () =>
            this.process.enter(callback),
          );
        if (server === undefined) return back(fail('nobody serves it'));
        server.process.enter(() => {
          server.handler(message).then(
            (answer) => back(() => resolve(plain(answer))),
            () => back(fail('failed')),
          );
        });
      });
    });
  }

  serve(subject: string, _queue: string, handler: Server): () => void {
    return this.register(this.network.servers, { subject, process: this.process, handler });
  }

  openInbox(handler: (message: BusMessage) => void) {
    const subject = `_INBOX.${randomUUID()}`;
    return { subject, close: this.onHint(subject, handler) };
  }

  async whenAnswering(): Promise<void> {
    await this.process.call(() => Promise.resolve());
  }

  async close(): Promise<void> {}

  private register<Entry>(entries: Set<Entry>, entry: Entry): () => void {
    const remove = () => {
      entries.delete(entry);
    };
    entries.add(entry);
    this.process.whenDead(remove);
    return remove;
  }
}

function plain(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data ?? null));
}
