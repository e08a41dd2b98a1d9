import { closest, distance } from 'fastest-levenshtein';

/**
 * `" Did you mean "x"?"` for a likely typo, else an empty string. Likely is a name but one letter away, else the one name that
 * the word is the beginning of, else the nearest: a third of the letters may be wrong, or two may have changed places.
 */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const small = word.toLowerCase();
  const nearest = closest(word, known);
  const edits = distance(small, nearest.toLowerCase());
  const begun = small.length < 3 ? [] : known.filter((name) => name.toLowerCase().startsWith(small));
  if (edits > 1 && begun.length === 1) return ` Did you mean "${begun[0]}"?`;
  const swapped = edits === 2 && letters(small) === letters(nearest.toLowerCase());
  return edits <= Math.max(1, small.length / 3) || swapped ? ` Did you mean "${nearest}"?` : '';
}

const letters = (word: string) => [...word].sort().join('');
