import type { Clock } from '@skynet/platform';
import type { AllowanceDraft } from './allowance-draft.js';
import { NOTHING, type Amount, type Grant } from './allowance-record.js';
import { USABLE_MS } from './grant-ages.js';

/** What a call may use. */
export interface Taken extends Grant {
  /** Of the grant. */
  readonly id: string;
}

/** A change of the record that is about to be written. */
export interface Step {
  /** Whether there was nothing to change. */
  readonly isEmpty: boolean;
  /** Takes more for the model, for calls to come. */
  addAhead(model: string): void;
  /** It is written; it was sent at `sentMs`. */
  done(sentMs: number): void;
  /** Nobody knows whether it is written: what was given back must not be given back again. */
  lost(): void;
}

interface Spare extends Taken {
  readonly untilMs: number;
}

/** A process adds to its last grant for so long, so that the record stays short. */
const ADDS_MS = 2_000;

/** What this process was granted and has not used, and what it has to tell of it. */
export class UnusedGrants {
  private readonly spares = new Map<string, Spare>();
  private readonly latest = new Map<string, { readonly id: string; readonly sinceMs: number }>();
  /** To take off, by id of the grant. */
  private owed: ReadonlyMap<string, Amount> = new Map();
  /** To add, by model. */
  private charged: ReadonlyMap<string, Amount> = new Map();
  private made = 0;

  constructor(
    private readonly holder: string,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
  ) {}

  get hasNews(): boolean {
    return this.owed.size > 0 || this.charged.size > 0;
  }

  /** Milliseconds until something that was taken ahead is of no use any more. */
  get unusableInMs(): number {
    const nowMs = this.clock.monotonicMs();
    const ends = [...this.spares.values()].map(({ untilMs }) => Math.max(0, untilMs - nowMs));
    return Math.min(Infinity, ...ends);
  }

  /** Of what was taken ahead. */
  take(model: string, need: Amount): Taken | undefined {
    const spare = this.spares.get(model);
    if (spare === undefined || spare.untilMs <= this.clock.monotonicMs()) return undefined;
    const requests = spare.requests - need.requests;
    const tokens = spare.tokens - need.tokens;
    if (requests < 0 || tokens < 0) return undefined;
    this.spares.set(model, { ...spare, requests, tokens });
    return { id: spare.id, model, ...need };
  }

  /** Id of the grant that the next call of the model belongs to. */
  grantOf(model: string): string {
    const nowMs = this.clock.monotonicMs();
    const latest = this.latest.get(model);
    if (latest !== undefined && nowMs - latest.sinceMs < ADDS_MS) return latest.id;
    this.made += 1;
    const id = `${this.holder}/${this.made}`;
    this.latest.set(model, { id, sinceMs: nowMs });
    return id;
  }

  giveBack({ id }: Taken, amount: Amount): void {
    this.owed = withSum(this.owed, id, amount);
  }

  charge(model: string, amount: Amount): void {
    this.charged = withSum(this.charged, model, amount);
  }

  giveBackSpares(isMeant: (spare: Spare) => boolean = () => true): void {
    for (const [model, spare] of this.spares) {
      if (!isMeant(spare)) continue;
      this.spares.delete(model);
      // What has no limit was not counted.
      const tokens = Number.isFinite(spare.tokens) ? spare.tokens : 0;
      const requests = Number.isFinite(spare.requests) ? spare.requests : 0;
      this.giveBack(spare, { requests, tokens });
    }
  }

  /** Puts all news into the draft. Of the models named, what was taken ahead is taken anew. */
  begin(draft: AllowanceDraft, models: ReadonlySet<string>): Step {
    const nowMs = this.clock.monotonicMs();
    this.giveBackSpares(({ model, untilMs }) => models.has(model) || untilMs <= nowMs);
    const { owed, charged } = this;
    for (const [id, amount] of owed) draft.takeOff(id, amount);
    for (const [model, amount] of charged) draft.add(this.grantOf(model), model, amount);
    const ahead: Taken[] = [];
    return {
      isEmpty: !this.hasNews,
      addAhead: (model) => {
        const id = this.grantOf(model);
        const amount = draft.addAhead(id, model);
        if (amount !== NOTHING) ahead.push({ id, model, ...amount });
      },
      lost: () => this.forget(owed),
      done: (sentMs) => {
        this.forget(owed);
        for (const [model, amount] of charged)
          this.charged = withSum(this.charged, model, negative(amount));
        for (const taken of ahead)
          this.spares.set(taken.model, { ...taken, untilMs: sentMs + USABLE_MS });
      },
    };
  }

  private forget(owed: ReadonlyMap<string, Amount>): void {
    for (const [id, amount] of owed) this.owed = withSum(this.owed, id, negative(amount));
  }
}

function withSum(
  sums: ReadonlyMap<string, Amount>,
  key: string,
  { requests, tokens }: Amount,
): ReadonlyMap<string, Amount> {
  const before = sums.get(key) ?? NOTHING;
  const sum = { requests: before.requests + requests, tokens: before.tokens + tokens };
  const changed = new Map(sums);
  if (sum.requests === 0 && sum.tokens === 0) changed.delete(key);
  else changed.set(key, sum);
  return changed;
}

function negative({ requests, tokens }: Amount): Amount {
  return { requests: -requests, tokens: -tokens };
}
