/** Told to a model whose budget is used up; the last thing it says becomes the partial result. */
export const WIND_DOWN =
  'Your budget is used up: you can call no more tools. Say now, briefly, what you have found so far.';

/** Room in every prompt for it. */
export const WIND_DOWN_BYTES = 160;
