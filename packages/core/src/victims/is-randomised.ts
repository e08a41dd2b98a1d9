import type { Examination } from '@gauntlet/api';

/** What rounding makes of passes over the same batch, as a share of the largest output. */
const rounding = 1e-4;

/** Whether a victim says something else each time. One that could not be examined may. */
export const isRandomised = ({ repeat = Infinity }: Pick<Examination, 'repeat'>): boolean =>
  repeat > rounding;
