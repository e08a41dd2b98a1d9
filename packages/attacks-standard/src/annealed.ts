/** Falls from the first value to the last along half a cosine while `share` goes from 0 to 1. */
export const annealed = (first: number, last: number, share: number): number =>
  last + ((first - last) * (1 + Math.cos(Math.PI * share))) / 2;
