import { rejection } from '@skynet/contracts';
import { RefusedError } from '@skynet/platform';
import { FairTurns } from './fair-turns.js';

export interface PastTurnsOptions {
  /** Questions that are worked on at the same time, one of a tenant. */
  readonly atOnce: number;
  /** Further ones of a tenant that may wait. */
  readonly waitingPerTenant: number;
}

const DEFAULTS: PastTurnsOptions = { atOnce: 2, waitingPerTenant: 16 };

interface Line {
  readonly turns: FairTurns;
  /** With the one that is worked on. */
  asked: number;
}

/** Turns to answer questions about the past, which may take seconds of work each. */
export class PastTurns {
  private readonly all: FairTurns;
  private readonly lines = new Map<string, Line>();

  constructor(private readonly options = DEFAULTS) {
    this.all = new FairTurns(options.atOnce);
  }

  /** @throws RefusedError OVERLOADED when too many of the tenant wait */
  async run<Result>(tenant: string, work: () => Promise<Result>): Promise<Result> {
    const line = this.lines.get(tenant) ?? { turns: new FairTurns(1), asked: 0 };
    if (line.asked > this.options.waitingPerTenant) {
      const message = `${line.asked} questions about the past of agents of ${tenant} are not answered yet`;
      throw new RefusedError(rejection('OVERLOADED', message));
    }
    line.asked += 1;
    this.lines.set(tenant, line);
    try {
      return await line.turns.run(tenant, () => this.all.run(tenant, work));
    } finally {
      line.asked -= 1;
      if (line.asked === 0) this.lines.delete(tenant);
    }
  }
}
