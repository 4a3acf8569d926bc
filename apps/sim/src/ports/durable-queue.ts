import type { Random } from '../time/random.js';
import type { VirtualTime } from '../time/virtual-time.js';
import type { SimProcess } from './sim-process.js';
import type { Sky } from './weather.js';

interface Entry<Message> {
  readonly message: Message;
  deliveries: number;
  /** Of the delivery that the queue waits for. */
  holder: number | undefined;
  isDone: boolean;
  cancelWait?: () => void;
}

/** One delivery, as its consumer has it. */
export interface SimDelivery<Message> {
  readonly message: Message;
  readonly deliveryCount: number;
  readonly ack: () => void;
  readonly nak: (delayMs?: number) => void;
  readonly extend: () => Promise<void>;
}

/** A process that takes messages off the queue. */
export interface Member<Message> {
  readonly process: SimProcess;
  free: number;
  readonly onMessage: (delivery: SimDelivery<Message>) => void;
}

/** A durable queue of a server: at least once, to one of its members, again when nobody answers. */
export class DurableQueue<Message> {
  private readonly entries: Entry<Message>[] = [];
  private readonly members = new Set<Member<Message>>();
  private deliveries = 0;
  private readonly random: Random;

  constructor(
    private readonly time: VirtualTime,
    private readonly sky: Sky,
    private readonly ackWaitMs: number,
  ) {
    this.random = sky.random.fork('queue');
  }

  push(message: Message): void {
    this.entries.push({ message, deliveries: 0, holder: undefined, isDone: false });
    this.deliver();
  }

  join(member: Member<Message>): { release(): void; leave(): void } {
    const leave = () => {
      this.members.delete(member);
    };
    this.members.add(member);
    member.process.whenDead(leave);
    this.deliver();
    const release = () => {
      member.free += 1;
      this.deliver();
    };
    return { release, leave };
  }

  private deliver(): void {
    const waiting = this.entries.filter(({ isDone, holder }) => !isDone && holder === undefined);
    for (const entry of waiting) {
      const free = [...this.members].filter((member) => member.free > 0);
      if (free.length === 0) break;
      this.give(entry, this.random.pick(free));
      const [other] = free;
      const isDoubled = this.sky.strikes('doubledItems') && other !== undefined && other.free > 0;
      if (isDoubled) this.give(entry, other);
    }
    if (this.entries.length > 200 && waiting.length === 0) this.forgetDone();
  }

  private forgetDone(): void {
    const left = this.entries.filter(({ isDone }) => !isDone);
    this.entries.splice(0, this.entries.length, ...left);
  }

  private give(entry: Entry<Message>, member: Member<Message>): void {
    this.deliveries += 1;
    const delivery = this.deliveries;
    entry.deliveries = this.sky.strikes('forgottenCounts') ? 1 : entry.deliveries + 1;
    entry.holder = delivery;
    this.wait(entry);
    member.free -= 1;
    const item = this.itemOf(entry, { delivery, process: member.process });
    if (this.sky.strikes('lostItems')) {
      // The client asks for more when it has got nothing in a while.
      this.time.after(this.ackWaitMs, () => {
        member.free += 1;
        this.deliver();
      });
      return;
    }
    const { process } = member;
    this.time.after(this.sky.latencyMs(), () => process.enter(() => member.onMessage(item)));
  }

  private wait(entry: Entry<Message>): void {
    entry.cancelWait?.();
    entry.cancelWait = this.time.after(this.ackWaitMs, () => {
      entry.holder = undefined;
      this.deliver();
    });
  }

  private itemOf(
    entry: Entry<Message>,
    { delivery, process }: { readonly delivery: number; readonly process: SimProcess },
  ): SimDelivery<Message> {
    const isHolder = () => entry.holder === delivery && !entry.isDone;
    const giveBack = () => {
      if (entry.holder === delivery) entry.holder = undefined;
      this.deliver();
    };
    return {
      message: entry.message,
      deliveryCount: entry.deliveries,
      ack: () => {
        if (this.sky.strikes('lostAcks')) return;
        process.send(() => {
          // An ack of an older delivery counts as well.
          entry.isDone = true;
          entry.cancelWait?.();
        });
      },
      nak: (delayMs = 0) =>
        process.send(() => {
          if (!isHolder()) return;
          entry.cancelWait?.();
          this.time.after(delayMs, giveBack);
        }),
      extend: () =>
        process.call(async () => {
          if (isHolder()) this.wait(entry);
        }),
    };
  }
}
