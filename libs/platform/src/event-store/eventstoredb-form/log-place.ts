import type { Position } from '../event-store.port.js';

/** A place in `$all` as the client has it. */
export interface LogPlace {
  readonly commit: bigint;
  readonly prepare: bigint;
}

export function positionOf({ commit, prepare }: LogPlace): Position {
  return `${commit}/${prepare}` as Position;
}

export function placeOf(position: Position): LogPlace {
  const [commit = '', prepare = ''] = position.split('/');
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
}

export function comparePlaces(a: LogPlace, b: LogPlace): number {
  if (a.commit === b.commit) return Number(a.prepare - b.prepare);
  return a.commit < b.commit ? -1 : 1;
}
