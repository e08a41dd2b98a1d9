import { closest, distance } from 'fastest-levenshtein';

/** `" Did you mean "x"?"` for a likely typo, else an empty string. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const best = closest(word, known);
  return distance(word.toLowerCase(), best.toLowerCase()) <= Math.max(2, word.length / 3)
    ? ` Did you mean "${best}"?`
    : '';
}
