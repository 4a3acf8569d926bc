/** Folds recorded events into a view. Copes with any recorded fact and gives the same view for the same events. */
export interface Projection<Recorded, View> {
  readonly initialView: View | undefined;
  evolve(view: View | undefined, event: Recorded): View | undefined;
}
