import {
  listTenantsAnswerSchema,
  setQuotasAnswerSchema,
  subjects,
  type ErrorCode,
  type QuotaChanges,
  type TenantQuotas,
} from '@skynet/contracts';
import { isRefused, type Refused } from '@skynet/kernel';
import type { Clock, MessageBus } from '@skynet/platform';
import { PatientRequests } from './patient-requests.js';

const ANSWER_WITHIN_MS = 2_000;

type SetQuotas = { readonly quotas: TenantQuotas } | Refused<ErrorCode>;

interface Wish {
  readonly tenant: string;
  readonly changes: QuotaChanges;
  readonly by: string;
}

/** Requests to the owner of quotas, made again while nobody is there to answer. */
export class TenantRequests {
  private readonly requests: PatientRequests;

  constructor(
    private readonly bus: MessageBus,
    clock: Clock,
  ) {
    this.requests = new PatientRequests(bus, clock);
  }

  /** @throws WorldError as PatientRequests */
  async quotasOf(tenant: string): Promise<TenantQuotas> {
    const answer = await this.ask(subjects.listTenants, { tenant });
    return listTenantsAnswerSchema.parse(answer).tenants[0]?.quotas ?? {};
  }

  /**
   * Changes quotas of a tenant, whether it has some or none yet. Safe to repeat.
   *
   * @throws WorldError as PatientRequests
   */
  async set(wish: Wish): Promise<SetQuotas> {
    const answer = await this.setOnce(wish, false);
    const isNew = isRefused(answer) && answer.refused.code === 'TENANT_NOT_FOUND';
    if (!isNew) return answer;
    const first = await this.setOnce(wish, true);
    const wasQuicker = isRefused(first) && first.refused.code === 'TENANT_EXISTS';
    return wasQuicker ? this.setOnce(wish, false) : first;
  }

  private async setOnce(wish: Wish, isNew: boolean): Promise<SetQuotas> {
    const answer = setQuotasAnswerSchema.parse(
      await this.ask(subjects.setQuotas, { ...wish, isNew }),
    );
    return isRefused(answer) ? answer : { quotas: answer.tenant.quotas };
  }

  private ask(subject: string, request: object): Promise<unknown> {
    return this.requests.make(ANSWER_WITHIN_MS, (timeoutMs) =>
      this.bus.request(subject, request, { timeoutMs }),
    );
  }
}
