import { closest, distance } from 'fastest-levenshtein';

/**
 * `" Did you mean "x"?"` for a likely typo, else an empty string. Likely is the one name that the word is the beginning of,
 * or else the nearest: a third of the letters may be wrong, one in short words, or two may have changed places.
 */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const small = word.toLowerCase();
  const begun = small.length < 3 ? [] : known.filter((name) => name.toLowerCase().startsWith(small));
  const best = begun.length === 1 ? begun[0] : closest(word, known);
  const edits = distance(small, best.toLowerCase());
  const likely =
    begun.length === 1 ||
    edits <= Math.max(1, small.length / 3) ||
    (edits === 2 && letters(small) === letters(best.toLowerCase()));
  return likely ? ` Did you mean "${best}"?` : '';
}

const letters = (word: string) => [...word].sort().join('');
