/** So many agents fit into a process at the same time. */
export class Room {
  private free: number;

  constructor(places: number) {
    this.free = places;
  }

  /** Places that nobody has. */
  get left(): number {
    return this.free;
  }

  /** Whether there is a place, which is taken then. */
  tryEnter(): boolean {
    if (this.free === 0) return false;
    this.free -= 1;
    return true;
  }

  leave(): void {
    this.free += 1;
  }
}
