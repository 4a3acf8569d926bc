/** A cursor is opaque to clients; to us it is the number to go on from. */
export function cursorAt(position: number): string {
  return String(position);
}

/** Undefined for a text that is no cursor of ours. */
export function positionOf(cursor: string): number | undefined {
  return /^\d{1,15}$/.test(cursor) ? Number(cursor) : undefined;
}
