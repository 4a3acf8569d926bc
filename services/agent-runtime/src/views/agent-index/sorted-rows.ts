import type { AgentId, AgentRow } from '@skynet/contracts';

interface Place {
  readonly spawnedAtMs: number;
  readonly agentId: AgentId;
}

/** Ids of agents in order of spawning; a cursor names a place in that order, the same in every process. */
export class SortedRows {
  private readonly places: Place[] = [];

  static cursorOf({ spawnedAtMs, agentId }: AgentRow): string {
    return `${spawnedAtMs}.${agentId}`;
  }

  get isEmpty(): boolean {
    return this.places.length === 0;
  }

  add({ spawnedAtMs, agentId }: AgentRow): void {
    const place = { spawnedAtMs, agentId };
    this.places.splice(this.firstAfter(place), 0, place);
  }

  remove({ spawnedAtMs, agentId }: AgentRow): void {
    const index = this.firstAfter({ spawnedAtMs, agentId }) - 1;
    if (this.places[index]?.agentId === agentId) this.places.splice(index, 1);
  }

  *after(cursor: string | undefined): Iterable<AgentId> {
    const start = cursor === undefined ? 0 : this.firstAfter(placeOf(cursor));
    for (let index = start; index < this.places.length; index += 1) {
      const place = this.places[index];
      if (place !== undefined) yield place.agentId;
    }
  }

  private firstAfter(place: Place): number {
    let low = 0;
    let high = this.places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.places[middle];
      if (other !== undefined && compareRows(other, place) > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Negative when `a` was spawned before `b`. */
export function compareRows(a: Place, b: Place): number {
  if (a.spawnedAtMs !== b.spawnedAtMs) return a.spawnedAtMs - b.spawnedAtMs;
  if (a.agentId === b.agentId) return 0;
  return a.agentId > b.agentId ? 1 : -1;
}

function placeOf(cursor: string): Place {
  const dot = cursor.indexOf('.');
  return {
    spawnedAtMs: Number(cursor.slice(0, dot)) || 0,
    agentId: cursor.slice(dot + 1) as AgentId,
  };
}
