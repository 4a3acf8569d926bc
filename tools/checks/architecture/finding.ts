/** One break of one rule of the house. */
export interface Finding {
  /** From the root. */
  readonly file: string;
  readonly check:
    'imports' | 'purity' | 'cycles' | 'folders' | 'layout' | 'opt-outs' | 'manifests' | 'doors';
  readonly message: string;
}
