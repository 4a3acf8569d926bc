interface Deadline<Item> {
  readonly dueMs: number;
  readonly item: Item;
}

/** A binary heap: what is due first comes out first. Pushes and takes cost O(log n). */
export class DeadlineQueue<Item> {
  private readonly heap: Deadline<Item>[] = [];

  /** When the next item is due, epoch milliseconds. */
  get nextMs(): number | undefined {
    return this.heap[0]?.dueMs;
  }

  push(dueMs: number, item: Item): void {
    this.heap.push({ dueMs, item });
    let index = this.heap.length - 1;
    while (index > 0) {
      const above = (index - 1) >>> 1;
      if (!this.isEarlier(index, above)) return;
      this.swap(index, above);
      index = above;
    }
  }

  /** Removes and returns all that is due. */
  takeDue(nowMs: number): Item[] {
    const due: Item[] = [];
    for (
      let first = this.heap[0];
      first !== undefined && first.dueMs <= nowMs;
      first = this.heap[0]
    ) {
      due.push(first.item);
      this.removeFirst();
    }
    return due;
  }

  private removeFirst(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      let smallest = index;
      if (this.isEarlier(left, smallest)) smallest = left;
      if (this.isEarlier(left + 1, smallest)) smallest = left + 1;
      if (smallest === index) return;
      this.swap(index, smallest);
      index = smallest;
    }
  }

  private isEarlier(a: number, b: number): boolean {
    const first = this.heap[a];
    const second = this.heap[b];
    return first !== undefined && second !== undefined && first.dueMs < second.dueMs;
  }

  private swap(a: number, b: number): void {
    const [first, second] = [this.heap[a], this.heap[b]];
    if (first === undefined || second === undefined) return;
    this.heap[a] = second;
    this.heap[b] = first;
  }
}
