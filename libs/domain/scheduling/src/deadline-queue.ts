export interface Deadline<Item> {
  /** Epoch milliseconds. */
  readonly dueMs: number;
  readonly item: Item;
}

/** Time after which what is repeated is due again. */
const REPEAT_MS = 2_000;

/** Fewer are not looked through for those that have come about otherwise. */
const FEW = 1_000;

/**
 * A binary heap: what is due first comes out first. Pushes and takes cost O(log n), on average. Items that are not open any
 * more leave before their time, once they are as many as the others.
 */
export class DeadlineQueue<Item> {
  private heap: Deadline<Item>[] = [];
  private mostItems = FEW;
  /** Due before, and again at a monotonic time: the wall clock may have been wrong when they were. */
  private readonly repeated: { readonly deadline: Deadline<Item>; readonly fromMs: number }[] = [];

  constructor(private readonly isOpen: (item: Item) => boolean = () => true) {}

  /** When the next item is due, epoch milliseconds. */
  get nextMs(): number | undefined {
    return this.heap[0]?.dueMs;
  }

  get size(): number {
    return this.heap.length + this.repeated.length;
  }

  push(dueMs: number, item: Item): void {
    if (this.heap.length >= this.mostItems) this.dropClosed();
    this.heap.push({ dueMs, item });
    let index = this.heap.length - 1;
    while (index > 0) {
      const above = (index - 1) >>> 1;
      if (!this.isEarlier(index, above)) return;
      this.swap(index, above);
      index = above;
    }
  }

  /** What was taken is due again, 2 s later. */
  repeat(deadline: Deadline<Item>, monotonicMs: number): void {
    this.repeated.push({ deadline, fromMs: monotonicMs + REPEAT_MS });
  }

  /** Removes and returns all that is due; monotonic milliseconds say which of the repeated are. */
  takeDue(nowMs: number, monotonicMs: number): Deadline<Item>[] {
    const later = this.repeated.findIndex(({ fromMs }) => fromMs > monotonicMs);
    const again = this.repeated.splice(0, later < 0 ? Infinity : later);
    for (const { deadline } of again) this.push(deadline.dueMs, deadline.item);
    const due: Deadline<Item>[] = [];
    for (
      let first = this.heap[0];
      first !== undefined && first.dueMs <= nowMs;
      first = this.heap[0]
    ) {
      due.push(first);
      this.removeFirst();
    }
    return due;
  }

  private dropClosed(): void {
    // What is sorted is a heap.
    this.heap = this.heap.filter(({ item }) => this.isOpen(item)).sort((a, b) => a.dueMs - b.dueMs);
    this.mostItems = Math.max(FEW, this.heap.length * 2);
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
