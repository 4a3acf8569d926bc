import {
  scheduleAnswerSchemas,
  spawnCheckAnswerSchema,
  subjects,
  type ScheduleAnswer,
  type ErrorCode,
  type ScheduleRequest,
  type SpawnArguments,
} from '@skynet/contracts';
import type { Rejection } from '@skynet/kernel';
import type { Clock, MessageBus } from '@skynet/platform';
import { PatientRequests } from './patient-requests.js';

const ANSWER_WITHIN_MS = 2_000;

/** Requests to the owner of schedules, made again while nobody is there to answer: all of them may be repeated. */
export class ScheduleRequests {
  private readonly requests: PatientRequests;

  constructor(
    private readonly bus: MessageBus,
    clock: Clock,
  ) {
    this.requests = new PatientRequests(bus, clock);
  }

  /** @throws WorldError as PatientRequests */
  async create(request: ScheduleRequest<'create'>): Promise<ScheduleAnswer<'create'>> {
    return scheduleAnswerSchemas.create.parse(await this.make('create', request));
  }

  /** @throws WorldError as PatientRequests */
  async list(request: ScheduleRequest<'list'>): Promise<ScheduleAnswer<'list'>> {
    return scheduleAnswerSchemas.list.parse(await this.make('list', request));
  }

  /** @throws WorldError as PatientRequests */
  async cancel(request: ScheduleRequest<'cancel'>): Promise<ScheduleAnswer<'cancel'>> {
    return scheduleAnswerSchemas.cancel.parse(await this.make('cancel', request));
  }

  /**
   * Why the owner of agents would spawn none with these arguments; undefined when it would.
   *
   * @throws WorldError as PatientRequests
   */
  async refusalOf(
    tenant: string,
    spawn: SpawnArguments,
  ): Promise<Rejection<ErrorCode> | undefined> {
    const request = { tenant, arguments: spawn };
    return spawnCheckAnswerSchema.parse(await this.ask(subjects.spawnCheck, request)).refused;
  }

  private make(question: string, request: object): Promise<unknown> {
    return this.ask(subjects.schedules(question), request);
  }

  private ask(subject: string, request: object): Promise<unknown> {
    return this.requests.make(ANSWER_WITHIN_MS, (timeoutMs) =>
      this.bus.request(subject, request, { timeoutMs }),
    );
  }
}
