import type { Random } from '../time/random.js';
import type { VirtualTime } from '../time/virtual-time.js';
import type { SimProcess } from './sim-process.js';
import type { Sky } from './weather.js';

interface Entry<Message> {
  readonly message: Message;
  deliveries: number;
  /** Whether the queue waits: for an answer, or for the end of a pause. */
  isHeld: boolean;
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
  private readonly random: Random;

  constructor(
    private readonly time: VirtualTime,
    private readonly sky: Sky,
    private readonly ackWaitMs: number,
  ) {
    this.random = sky.random.fork('queue');
  }

  push(message: Message): void {
    this.entries.push({ message, deliveries: 0, isHeld: false, isDone: false });
    this.deliver();
  }

  /** Messages that were not acked. */
  get outstanding(): number {
    return this.entries.filter(({ isDone }) => !isDone).length;
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
    const waiting = this.entries.filter(({ isDone, isHeld }) => !isDone && !isHeld);
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
    entry.deliveries = this.sky.strikes('forgottenCounts') ? 1 : entry.deliveries + 1;
    this.wait(entry, this.ackWaitMs);
    member.free -= 1;
    const item = this.itemOf(entry, member.process);
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

  private wait(entry: Entry<Message>, ms: number): void {
    entry.cancelWait?.();
    entry.isHeld = true;
    entry.cancelWait = this.time.after(ms, () => this.giveBack(entry));
  }

  private giveBack(entry: Entry<Message>): void {
    entry.cancelWait?.();
    entry.isHeld = false;
    this.deliver();
  }

  /** Its answers count also when the message is with another one by then. */
  private itemOf(entry: Entry<Message>, process: SimProcess): SimDelivery<Message> {
    const isAwaited = () => entry.isHeld && !entry.isDone;
    return {
      message: entry.message,
      deliveryCount: entry.deliveries,
      ack: () => {
        if (this.sky.strikes('lostAcks')) return;
        process.send(() => {
          entry.isDone = true;
          entry.cancelWait?.();
        });
      },
      nak: (delayMs = 0) =>
        process.send(() => {
          if (!isAwaited()) return;
          if (delayMs > 0) this.wait(entry, delayMs);
          else this.giveBack(entry);
        }),
      extend: () =>
        process.call(async () => {
          if (isAwaited()) this.wait(entry, this.ackWaitMs);
        }),
    };
  }
}
