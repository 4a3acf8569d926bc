/** Loans last half a second: so many are remembered that none of them is forgotten before. */
const MOST = 10_000;

/** Ids of loans that this worker has used. */
export class SeenLoans {
  private readonly ids = new Set<string>();

  /** Whether the loan is heard of for the first time. */
  isNew(loanId: string): boolean {
    if (this.ids.has(loanId)) return false;
    this.ids.add(loanId);
    const [oldest] = this.ids;
    if (this.ids.size > MOST && oldest !== undefined) this.ids.delete(oldest);
    return true;
  }
}
