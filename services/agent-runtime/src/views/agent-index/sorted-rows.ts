import type { AgentId } from '@skynet/contracts';

/** A place in the order of spawning, the same in every process. */
export interface Place {
  readonly spawnedAtMs: number;
  readonly agentId: AgentId;
}

/** Before all agents. */
export const FIRST_PLACE: Place = {
  spawnedAtMs: Number.MIN_SAFE_INTEGER,
  agentId: '' as AgentId,
};

/** Ids of agents in order of spawning. */
export class SortedRows {
  private readonly places: Place[] = [];

  get size(): number {
    return this.places.length;
  }

  add({ spawnedAtMs, agentId }: Place): void {
    const place = { spawnedAtMs, agentId };
    this.places.splice(this.firstAfter(place), 0, place);
  }

  /** Goes over all places once, when more than one goes. */
  remove(gone: readonly Place[]): void {
    const [first] = gone;
    if (first === undefined) return;
    if (gone.length === 1) return this.removeOne(first);
    const ids = new Set(gone.map(({ agentId }) => agentId));
    let kept = 0;
    for (const place of this.places) {
      if (ids.has(place.agentId)) continue;
      this.places[kept] = place;
      kept += 1;
    }
    this.places.length = kept;
  }

  *after(start: Place | undefined): Generator<AgentId, void, undefined> {
    const first = start === undefined ? 0 : this.firstAfter(start);
    for (let index = first; index < this.places.length; index += 1) {
      const place = this.places[index];
      if (place !== undefined) yield place.agentId;
    }
  }

  private removeOne(place: Place): void {
    const index = this.firstAfter(place) - 1;
    if (this.places[index]?.agentId === place.agentId) this.places.splice(index, 1);
  }

  private firstAfter(place: Place): number {
    let low = 0;
    let high = this.places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.places[middle];
      if (other !== undefined && comparePlaces(other, place) > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Negative when `a` was spawned before `b`. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.spawnedAtMs !== b.spawnedAtMs) return a.spawnedAtMs - b.spawnedAtMs;
  if (a.agentId === b.agentId) return 0;
  return a.agentId > b.agentId ? 1 : -1;
}

export function cursorOf({ spawnedAtMs, agentId }: Place): string {
  return `${spawnedAtMs}.${agentId}`;
}

export function placeOf(cursor: string): Place {
  const dot = cursor.indexOf('.');
  return {
    spawnedAtMs: Number(cursor.slice(0, dot)) || 0,
    agentId: cursor.slice(dot + 1) as AgentId,
  };
}
