import type { AttackEntry } from './spec.js';

/**
 * Attacks of one kind that the spec gives no names, called by what differs between them as points of a sweep are:
 * `pgd epsilon=0.1`, `pgd epsilon=0.3`. What differs in nothing keeps its name.
 */
export function nameApart(unnamed: readonly AttackEntry[]): Map<AttackEntry, string> {
  const names = new Map<AttackEntry, string>();
  for (const [use, alike] of byUse(unnamed)) {
    const keys = [...new Set(alike.flatMap(({ params }) => Object.keys(params)))];
    const differing = keys.filter(
      (key) => new Set(alike.map(({ params }) => JSON.stringify(params[key]))).size > 1,
    );
    if (alike.length < 2 || differing.length === 0) continue;
    for (const entry of alike)
      names.set(entry, [use, ...differing.map((key) => `${key}=${shown(entry.params[key])}`)].join(' '));
  }
  return names;
}

function byUse(entries: readonly AttackEntry[]): Map<string, AttackEntry[]> {
  const groups = new Map<string, AttackEntry[]>();
  for (const entry of entries) groups.set(entry.use, [...(groups.get(entry.use) ?? []), entry]);
  return groups;
}

/** A slash in a name would look like the one between victim and attack; 8/255 is 0.03137 here. */
const shown = (value: unknown): string =>
  typeof value === 'number'
    ? String(Number(value.toPrecision(4)))
    : String(JSON.stringify(value)).replaceAll('"', '');
