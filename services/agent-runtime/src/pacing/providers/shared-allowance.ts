import {
  backoffMs,
  StateConflictError,
  type Clock,
  type Logger,
  type StateEntry,
  type StateStore,
} from '@skynet/platform';
import { AllowanceDraft } from './allowance-draft.js';
import {
  recordOf,
  type AllowanceRecord,
  type Amount,
  type Grant,
  type LimitsOfCall,
} from './allowance-record.js';
import { GrantAges, USABLE_MS } from './grant-ages.js';
import { UnusedGrants, type Taken } from './unused-grants.js';

/** A wait for the store after it failed, and after others were faster. */
const AWAY = { firstMs: 250, longestMs: 5_000 };
const CONFLICT = { firstMs: 2, longestMs: 250 };
/** What was not used goes back so much later, together with all else by then. */
const GIVE_BACK_MS = 250;

export interface SharedAllowanceOptions {
  /** Key of its record: the prefix of the provider. */
  readonly provider: string;
  /** Names this process; never used again after it. */
  readonly holder: string;
  readonly limitsOf: (model: string) => LimitsOfCall;
  /** @throws WorldError when the store is away */
  readonly store: () => Promise<StateStore<AllowanceRecord>>;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
}

/** A call that waits for its allowance. */
interface Waiting {
  readonly model: string;
  readonly need: Amount;
  readonly onTaken: (taken: Taken) => void;
}

interface Served {
  readonly waiting: Waiting;
  readonly taken: Taken;
}

/**
 * The part of one process in the limits of one provider. All processes write what they may call into one record, each over
 * the state that it has read, so that all grants that count together are never above the limits.
 */
export class SharedAllowance {
  private readonly ages: GrantAges;
  private readonly unused: UnusedGrants;
  private waiting: Waiting[] = [];
  private record: StateEntry<AllowanceRecord> | undefined;
  private isRead = false;
  private isWorking = false;
  private isOpen = true;
  private failures = 0;
  private nextAtMs = Infinity;
  private wantedInMs = Infinity;
  private cancelNext: (() => void) | undefined;

  constructor(private readonly options: SharedAllowanceOptions) {
    this.ages = new GrantAges(options.clock);
    this.unused = new UnusedGrants(options.holder, options.clock);
  }

  /** Allowance for one call; undefined when the signal came first. */
  async take(model: string, need: Amount, signal: AbortSignal): Promise<Taken | undefined> {
    const ready = this.waiting.length === 0 ? this.unused.take(model, need) : undefined;
    if (ready !== undefined || signal.aborted) return ready;
    return new Promise((resolve) => {
      const waiting: Waiting = {
        model,
        need,
        onTaken: (taken) => {
          signal.removeEventListener('abort', onAbort);
          resolve(taken);
        },
      };
      const onAbort = () => {
        this.waiting = this.waiting.filter((each) => each !== waiting);
        resolve(undefined);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.waiting.push(waiting);
      if (this.isWorking) this.workLater(0);
      else void this.work();
    });
  }

  /** The call was not made. */
  giveBack(taken: Taken): void {
    this.unused.giveBack(taken, taken);
    this.workLater(GIVE_BACK_MS);
  }

  /** What the call has used: input counts from its start, output from its end. */
  settle(
    taken: Taken,
    used: { readonly inputTokens: number; readonly outputTokens: number },
  ): void {
    const { inputTokens, outputTokens } = used;
    const unused = taken.tokens - inputTokens;
    this.unused.giveBack(taken, { requests: 0, tokens: Math.max(0, unused) });
    const tokens = outputTokens + Math.max(0, -unused);
    this.unused.charge(taken.model, { requests: 0, tokens });
    this.workLater(GIVE_BACK_MS);
  }

  /** Takes up what another process has written. */
  see(entry: StateEntry<unknown>): void {
    if (entry.revision <= (this.record?.revision ?? -1)) return;
    this.takeUp(entry);
    if (this.waiting.length > 0) this.workLater(0);
  }

  /**
   * What counts at this moment.
   *
   * @throws WorldError when the store is away
   */
  async counting(): Promise<readonly Grant[]> {
    if (!this.isRead) await this.read(await this.options.store());
    return Object.values(this.ages.living(this.record?.value.grants ?? {}));
  }

  /** Gives back what can be given back. */
  async stop(): Promise<void> {
    this.isOpen = false;
    this.cancelNext?.();
    this.unused.giveBackSpares();
    if (this.isWorking || !this.unused.hasNews) return;
    // What can't be told counts for a minute longer.
    await this.write().catch(() => undefined);
  }

  private async work(): Promise<void> {
    if (this.isWorking || !this.isOpen) return;
    this.isWorking = true;
    this.cancelNext?.();
    this.nextAtMs = Infinity;
    const againMs = await this.writeAll().catch((error: unknown) => this.afterFailure(error));
    this.isWorking = false;
    this.workLater(againMs);
  }

  /** Writes as long as that lets calls through; returns how long to wait then. */
  private async writeAll(): Promise<number> {
    let isOn = true;
    while (isOn && this.isOpen) isOn = (await this.write()) && this.waiting.length > 0;
    this.failures = 0;
    return Math.min(this.nextChangeMs, this.wantedInMs, this.unused.unusableInMs);
  }

  /** Milliseconds until calls that wait can have more, or there is something to give back. */
  private get nextChangeMs(): number {
    if (this.waiting.length > 0) return this.ages.nextOverMs(this.record?.value.grants ?? {});
    return this.unused.hasNews ? GIVE_BACK_MS : Infinity;
  }

  /** How long to wait then, whatever is wanted meanwhile. */
  private afterFailure(error: unknown): number {
    const isConflict = error instanceof StateConflictError;
    const { log, provider } = this.options;
    if (!isConflict) log.warn('the limits of a provider are out of reach', { provider, error });
    this.isRead = false;
    this.failures += 1;
    return backoffMs(this.failures - 1, isConflict ? CONFLICT : AWAY);
  }

  /** One step of the record. False when the limits leave nothing to write. */
  private async write(): Promise<boolean> {
    const { provider: key, limitsOf, clock } = this.options;
    const store = await this.options.store();
    if (!this.isRead) await this.read(store);
    this.wantedInMs = Infinity;
    const { record } = this;
    const draft = new AllowanceDraft(this.ages.living(record?.value.grants ?? {}), limitsOf);
    const step = this.unused.begin(draft, new Set(this.waiting.map(({ model }) => model)));
    const served = this.serve(draft);
    if (served.length === 0 && step.isEmpty) return false;
    for (const model of new Set(served.map(({ taken }) => taken.model))) step.addAhead(model);
    const sentMs = clock.monotonicMs();
    const value = { grants: draft.grants };
    const revision = await store
      .put(key, value, record?.revision ?? 'absent')
      .catch((error: unknown) => {
        if (!(error instanceof StateConflictError)) step.lost();
        throw error;
      });
    this.takeUp({ key, value, revision });
    step.done(sentMs);
    this.handOut(served, sentMs);
    return served.length > 0;
  }

  private async read(store: StateStore<AllowanceRecord>): Promise<void> {
    const entry = await store.get(this.options.provider);
    if (entry === undefined) this.record = undefined;
    else this.takeUp(entry);
    this.isRead = true;
  }

  private takeUp(entry: StateEntry<unknown>): void {
    this.record = { ...entry, value: recordOf(entry.value) };
    this.isRead = true;
    this.ages.see(this.record.value.grants);
  }

  /** In turn; who waits for the limit of one model holds up no other model. */
  private serve(draft: AllowanceDraft): Served[] {
    const full = new Set<string>();
    const served: Served[] = [];
    for (const waiting of this.waiting) {
      const { model, need } = waiting;
      if (full.has(model)) continue;
      const id = this.unused.grantOf(model);
      const added = draft.tryAdd(id, model, need);
      if (added === 'provider') break;
      if (added === 'model') full.add(model);
      else served.push({ waiting, taken: { id, model, requests: need.requests, ...added } });
    }
    return served;
  }

  private handOut(served: readonly Served[], sentMs: number): void {
    const isLate = this.options.clock.monotonicMs() - sentMs >= USABLE_MS;
    for (const { waiting, taken } of served) {
      const isGone = !this.waiting.includes(waiting);
      if (isLate || isGone) this.unused.giveBack(taken, taken);
      else {
        this.waiting = this.waiting.filter((each) => each !== waiting);
        waiting.onTaken(taken);
      }
    }
  }

  /** What is wanted while a step is under way is looked at right after it. */
  private workLater(ms: number): void {
    if (this.isWorking) this.wantedInMs = Math.min(this.wantedInMs, ms);
    const { clock } = this.options;
    const atMs = clock.monotonicMs() + ms;
    if (this.isWorking || !this.isOpen || !(atMs < this.nextAtMs)) return;
    this.nextAtMs = atMs;
    this.cancelNext?.();
    this.cancelNext = clock.timer(ms, () => void this.work());
  }
}
