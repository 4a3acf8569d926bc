declare const brand: unique symbol;

/** A primitive that can't be mistaken for another of the same base type. */
export type Brand<Base, Name extends string> = Base & {
  readonly [brand]: Name;
};
