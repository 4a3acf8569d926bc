import {
  scheduleAnswerSchemas,
  subjects,
  type ScheduleAnswer,
  type ScheduleRequest,
} from '@skynet/contracts';
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

  private make(question: string, request: object): Promise<unknown> {
    return this.requests.make(ANSWER_WITHIN_MS, (timeoutMs) =>
      this.bus.request(subjects.schedules(question), request, { timeoutMs }),
    );
  }
}
