import { randomUUID } from 'node:crypto';
import {
  agentIdSchema,
  retryableCodes,
  type AuditOutcome,
  type ErrorCode,
  type ToolAudit,
} from '@skynet/contracts';
import type { Rejection } from '@skynet/kernel';
import {
  TokenBuckets,
  within,
  WorldError,
  type Act,
  type AuditTrail,
  type Clock,
} from '@skynet/platform';
import type { Caller } from './caller.js';
import { detailsOf, type Details, type SentData } from './command-details.js';

/** A call of a tool, as far as its record needs it. */
export interface RecordedCall {
  readonly tool: { readonly name: string; readonly audit: ToolAudit };
  /** As it was sent. */
  readonly input: unknown;
  readonly caller: Caller;
  readonly traceparent?: string | undefined;
}

/** Who asks again sooner reads one thing in pages. */
const PAGES_WITHIN = { perSecond: 1 / 60, burst: 1 };

/** From the start of a call, which is answered within 2 s also while no record can be stored. */
const STORED_WITHIN_MS = 1_850;
/** A record that is told later gets so long: a server that is there stores it in milliseconds. */
const LAST_STORED_WITHIN_MS = 100;

/** Makes the records of calls. */
export class CallRecords {
  private readonly pages: TokenBuckets;

  constructor(
    private readonly trail: AuditTrail,
    private readonly clock: Clock,
  ) {
    this.pages = new TokenBuckets(PAGES_WITHIN, clock);
  }

  of(call: RecordedCall): CallRecord {
    const isFurtherPage = (key: string) => this.pages.take(key) > 0;
    return new CallRecord(call, { trail: this.trail, clock: this.clock, isFurtherPage });
  }
}

/** Tells of one call: that it was allowed, before anything is done, and what else came of it. */
export class CallRecord {
  private readonly details: Details = { call: randomUUID() };
  private readonly told: Promise<void>[] = [];
  private begun: Pick<Act, 'target' | 'details'> | undefined;

  private readonly startMs: number;

  constructor(
    private readonly call: RecordedCall,
    private readonly tools: {
      readonly trail: AuditTrail;
      readonly clock: Clock;
      readonly isFurtherPage: (key: string) => boolean;
    },
  ) {
    this.startMs = tools.clock.monotonicMs();
  }

  /** The caller may call the tool, with these arguments. */
  admitted(): void {
    const { audit } = this.call.tool;
    if (audit === 'call' || (audit === 'pages' && !this.readsOn())) this.begin(this.target());
  }

  /** Call it before the command goes out: what one connection sends arrives in that order. */
  sending(data: SentData): void {
    const id = 'agentId' in data ? data.agentId : undefined;
    this.begin(id === undefined ? undefined : { kind: 'agent', id }, detailsOf(data));
  }

  /**
   * Resolves when all is stored that was told, or cannot be in time: then the trail goes on by itself. `rejection`: why
   * nothing came of the call.
   */
  async end(rejection?: Rejection<ErrorCode>): Promise<void> {
    if (rejection !== undefined && this.tells(rejection.code)) {
      const { code, message } = rejection;
      // The edge's own word, which names what is missing; other messages may hold what was sent.
      const reason = code === 'FORBIDDEN' ? message : code;
      const about = this.begun ?? { target: this.target(), details: this.details };
      this.tell({ ...about, outcome: outcomeOf(code), reason });
    }
    const { clock } = this.tools;
    if (this.told.length === 0) return;
    const leftMs = STORED_WITHIN_MS + this.startMs - clock.monotonicMs();
    const limitMs = Math.max(LAST_STORED_WITHIN_MS, leftMs);
    const late = () => new WorldError('records are not stored yet', 'later');
    const stored = within(clock, limitMs, Promise.all(this.told), late);
    await stored.catch(() => undefined);
  }

  private begin(target: Act['target'], details: Details = {}): void {
    this.begun = { target, details: { ...this.details, ...details } };
    this.tell({ ...this.begun, outcome: 'allowed' });
  }

  /** Reading is told of where it is forbidden only; arguments that are no arguments are no act. */
  private tells(code: ErrorCode): boolean {
    if (this.begun !== undefined || code === 'FORBIDDEN') return true;
    return this.call.tool.audit !== 'none' && code !== 'INVALID_ARGUMENTS';
  }

  private tell(what: Pick<Act, 'outcome' | 'reason' | 'target' | 'details'>): void {
    const { tool, caller, traceparent } = this.call;
    const { principal, client, address } = caller;
    const { principal: name, tenant } = principal;
    const who = { principal: name, tenant, client, address };
    this.told.push(this.tools.trail.record({ act: tool.name, ...who, traceparent, ...what }));
  }

  private target(): Act['target'] {
    const { agentId } = Object(this.call.input) as { agentId?: unknown };
    const { data: id } = agentIdSchema.safeParse(agentId);
    return id === undefined ? undefined : { kind: 'agent', id };
  }

  private readsOn(): boolean {
    const { tool, caller } = this.call;
    const { principal, tenant } = caller.principal;
    return this.tools.isFurtherPage(
      JSON.stringify([tool.name, tenant, principal, this.target()?.id]),
    );
  }
}

function outcomeOf(code: ErrorCode): AuditOutcome {
  return retryableCodes.has(code) || code === 'INTERNAL' ? 'failed' : 'refused';
}
