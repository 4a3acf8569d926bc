import { randomUUID } from 'node:crypto';
import { buckets } from '@skynet/contracts';
import { SCHEDULE_SCHEMA, type SavedEntry, type SavedSchedule } from '@skynet/domain-scheduling';
import {
  CHECKPOINTS,
  type EventStore,
  type Logger,
  type Position,
  type StateStore,
  type StateStores,
} from '@skynet/platform';
import type { SavedTurn } from '../admission/queue-traces.js';

/** A live agent as the scheduler keeps it. */
export interface SavedAgent {
  readonly entry: SavedEntry;
  readonly turn: SavedTurn | undefined;
}

export interface ScheduleSnapshot {
  /** All before it, and nothing behind it, has led to these agents. */
  readonly position: Position;
  readonly agents: readonly SavedAgent[];
  readonly kept: SavedSchedule['kept'];
}

interface Head {
  readonly kept: SavedSchedule['kept'];
  readonly position: Position;
  readonly log: EventStore['kind'];
  readonly schema: string;
  readonly generation: string;
  readonly parts: number;
}

/** Beside the checkpoints of other readers, so that who makes those begin anew makes this one, too. */
const KEY = 'schedule';
const BUCKET = buckets.schedule.bucket;
const PART_SIZE = 500;

/** Live agents as they were at a place in the log, so that a start need not read all that ever happened. Derived: what is
 * missing, half written or of another schema is as if it were not there. */
export class ScheduleSnapshots {
  private heads: StateStore<Head> | undefined;
  private parts: StateStore<readonly SavedAgent[]> | undefined;

  constructor(
    private readonly states: Pick<StateStores, 'open'>,
    private readonly store: Pick<EventStore, 'kind'>,
    private readonly log: Logger,
  ) {}

  /** Undefined when there is none that can be used. Never rejects. */
  async load(): Promise<ScheduleSnapshot | undefined> {
    try {
      return await this.read();
    } catch (error) {
      this.log.warn('snapshot of the schedule ignored', { error });
      return undefined;
    }
  }

  /** Never rejects; safe to repeat. */
  async save(snapshot: ScheduleSnapshot): Promise<void> {
    try {
      await this.write(snapshot);
    } catch (error) {
      this.log.warn('snapshot of the schedule not kept', { error });
    }
  }

  private async read(): Promise<ScheduleSnapshot | undefined> {
    const head = (await (await this.headsOpen()).get(KEY))?.value;
    if (head?.schema !== SCHEDULE_SCHEMA || head.log !== this.store.kind) return undefined;
    const bucket = await this.partsOpen();
    const keys = partKeys(head);
    const parts = await Promise.all(keys.map(async (key) => (await bucket.get(key))?.value));
    if (parts.includes(undefined)) throw new Error(`${head.generation} is not whole`);
    const { kept, position } = head;
    return { position, kept, agents: parts.flatMap((part) => part ?? []) };
  }

  private async write({ position, agents, kept }: ScheduleSnapshot): Promise<void> {
    const heads = await this.headsOpen();
    const bucket = await this.partsOpen();
    const before = (await heads.get(KEY))?.value;
    const parts = Math.ceil(agents.length / PART_SIZE);
    const schema = SCHEDULE_SCHEMA;
    const { kind: log } = this.store;
    const head = { position, log, schema, kept, generation: randomUUID(), parts };
    for (const [index, key] of partKeys(head).entries()) {
      await bucket.put(key, agents.slice(index * PART_SIZE, (index + 1) * PART_SIZE));
    }
    await heads.put(KEY, head);
    if (before !== undefined) for (const key of partKeys(before)) await bucket.delete(key);
  }

  private async headsOpen(): Promise<StateStore<Head>> {
    this.heads ??= await this.states.open<Head>(CHECKPOINTS);
    return this.heads;
  }

  private async partsOpen(): Promise<StateStore<readonly SavedAgent[]>> {
    this.parts ??= await this.states.open<readonly SavedAgent[]>(BUCKET);
    return this.parts;
  }
}

function partKeys({ generation, parts }: Pick<Head, 'generation' | 'parts'>): string[] {
  return Array.from({ length: parts }, (_, index) => `${generation}.${index}`);
}
