/** How many transfers go on at once in one direction: a tenant that takes its time leaves places to others. */
export class TransferPlaces {
  private readonly ofTenants = new Map<string, number>();
  private taken = 0;

  constructor(private readonly most: { readonly all: number; readonly ofTenant: number }) {}

  /** What gives the place back, to be called once; undefined when all are taken. */
  take(tenant: string): (() => void) | undefined {
    const ofTenant = this.ofTenants.get(tenant) ?? 0;
    if (this.taken >= this.most.all || ofTenant >= this.most.ofTenant) return undefined;
    this.taken += 1;
    this.ofTenants.set(tenant, ofTenant + 1);
    return () => this.giveBack(tenant);
  }

  private giveBack(tenant: string): void {
    this.taken -= 1;
    const left = (this.ofTenants.get(tenant) ?? 1) - 1;
    if (left === 0) this.ofTenants.delete(tenant);
    else this.ofTenants.set(tenant, left);
  }
}
