import {
  scheduleAnswerSchemas,
  setQuotasAnswerSchema,
  subjects,
  type QuotaChanges,
} from '@skynet/contracts';
import { derivedId, WorldError } from '@skynet/platform';
import type { Step } from '../plan/step.js';
import { SimBus } from '../ports/sim-bus.js';
import type { Surroundings } from './surroundings.js';

const AGAIN_MS = 500;

type NewSchedule = Extract<Step, { do: 'schedule' }>;

/** A schedule as the one who asked for it has it. */
export interface SentSchedule {
  readonly scheduleId: string;
  /** Of the tasks of its agents. */
  readonly path: string;
  isMade: boolean;
  isCancelled: boolean;
}

/** Those who want agents at set times, and the operator who sets quotas: they ask until they are answered. */
export class Requester {
  readonly schedules = new Map<number, SentSchedule>();
  private readonly bus: SimBus;
  private readonly limited = new Set<string>();
  private open = 0;

  constructor(private readonly world: Surroundings) {
    this.bus = new SimBus(
      world.network,
      world.process('requester', () => 0),
    );
  }

  get isWaiting(): boolean {
    return this.open > 0;
  }

  schedule({ schedule, tenant, afterSeconds, isTwice }: NewSchedule): void {
    const scheduleId = derivedId('schedule', schedule);
    const path = `r9${schedule}`;
    const made: SentSchedule = { scheduleId, path, isMade: false, isCancelled: false };
    this.schedules.set(schedule, made);
    const when =
      afterSeconds === undefined
        ? ({ kind: 'cron', expression: '* * * * *', timeZone: 'UTC' } as const)
        : ({ kind: 'after', seconds: afterSeconds } as const);
    const spawn = { task: { description: path }, tools: ['sim__*'] };
    const asked = { tenant, principal: 'alice', scheduleId, spawn, when };
    const request = { ...asked, catchUp: 'skip', askedHash: path };
    const create = async () => {
      const answer = await this.ask(subjects.schedules('create'), request);
      made.isMade = 'schedule' in scheduleAnswerSchemas.create.parse(answer);
      return made.isMade;
    };
    for (let time = 0; time < (isTwice ? 2 : 1); time += 1) this.until(create);
  }

  cancel(schedule: number, tenant: string): void {
    const made = this.schedules.get(schedule);
    if (made === undefined || made.isCancelled) return;
    made.isCancelled = true;
    const { scheduleId } = made;
    const request = { tenant, principal: 'alice', scheduleId };
    // Until it is there, there is nothing to cancel.
    this.until(async () => {
      const answer = await this.ask(subjects.schedules('cancel'), request);
      return 'schedule' in scheduleAnswerSchemas.cancel.parse(answer);
    });
  }

  setQuotas(tenant: string, changes: QuotaChanges): void {
    const isNew = !this.limited.has(tenant);
    this.limited.add(tenant);
    this.until(async () => {
      const first = await this.quotas({ tenant, isNew, changes });
      return first || this.quotas({ tenant, isNew: false, changes });
    });
  }

  /** So that everything can end. */
  liftQuotas(): void {
    for (const tenant of this.limited) {
      this.setQuotas(tenant, { runningTrees: null, liveAgents: null });
    }
  }

  private async quotas(request: object): Promise<boolean> {
    const answer = await this.ask(subjects.setQuotas, request);
    return 'tenant' in setQuotasAnswerSchema.parse(answer);
  }

  private ask(subject: string, data: unknown): Promise<unknown> {
    return this.bus.request(subject, data);
  }

  private until(attempt: () => Promise<boolean>): void {
    this.open += 1;
    const tryOnce = () => {
      void attempt()
        .catch((error: unknown) => {
          if (error instanceof WorldError) return false;
          throw error;
        })
        .then((isDone) => {
          if (isDone) this.open -= 1;
          else this.world.time.after(AGAIN_MS, tryOnce);
        });
    };
    tryOnce();
  }
}
