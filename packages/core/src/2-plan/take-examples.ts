import { isDeepStrictEqual } from 'node:util';
import { type CellReport, reasonOf, type Report, type ThreatModel } from '@gauntlet/api';
import { examplesOf } from '../store/keep-examples.js';
import type { Probes } from '../3-worker/probes.js';
import { loadPlugin } from '../plugins/load-plugin.js';
import { type ExamplesFile, readExamples } from '../store/examples.js';
import type { Cell } from './cells.js';

/** Examples of a baseline that a cell tries before its attack. */
export interface CellExamples extends ExamplesFile {
  /** The baseline, as reports call it. */
  baseline: string;
}

/** A baseline. */
export interface ExamplesSource {
  /** As reports call it. */
  file: string;
  report: Report;
  /** Its path, beside which its examples lie. */
  examples?: string;
}

/** For which cells there are any that can be tried, and why there are none for the others. */
export interface TakenExamples {
  examples: ReadonlyMap<Cell, CellExamples>;
  notes: string[];
}

/**
 * Finds the examples that a baseline keeps of each cell. What cannot be read, or is of another threat model, is left aside with a
 * note: a run does not need them.
 */
export async function takeExamples(
  cells: readonly Cell[],
  probes: Probes,
  { file: name, examples: from, report }: ExamplesSource,
): Promise<TakenExamples> {
  const examples = new Map<Cell, CellExamples>();
  const notes: string[] = [];
  for (const cell of cells) {
    const before = report.cells.find(({ id }) => id === cell.id);
    const { inputShape } = probes.get(cell.victim.name)!.victim;
    const kept = from !== undefined && before && examplesOf(from, before, inputShape);
    if (!kept || !(await takes(cell))) continue;
    const aside = (why: string) => notes.push(`${cell.id}: examples of ${name} are not tried, since ${why}.`);
    const other = difference(cell, before, report);
    if (other) {
      aside(other);
      continue;
    }
    try {
      readExamples(kept);
      examples.set(cell, { ...kept, baseline: name });
    } catch (error) {
      aside(`${kept.file} cannot be read (${reasonOf(error)}); bless a run again, or restore the file`);
    }
  }
  return { examples, notes };
}

/** Whether an input that was found earlier is as good to the attack of a cell as one that it finds. */
export async function takes({ attack }: Pick<Cell, 'attack'>): Promise<boolean> {
  const plugin = await loadPlugin('attack', attack.plugin);
  return plugin.takesExamples?.(attack.params) ?? false;
}

/** What makes an example of the baseline none of this cell. */
function difference(
  { victim: { name, kind, bounds }, attack }: Cell,
  before: CellReport,
  { victims }: Report,
): string | undefined {
  const then = victims.find((one) => one.name === before.victim);
  if (then?.kind !== kind || !isDeepStrictEqual(then.bounds, bounds))
    return `${name} has other bounds or is of another kind`;
  if (before.criterion !== attack.criterion?.use) return 'the criterion is another';
  return isDeepStrictEqual(plain(before.threat), plain(attack.threat))
    ? undefined
    : 'the threat model is another';
}

/** As a file has it: without what is undefined. */
const plain = (threat: ThreatModel): unknown => JSON.parse(JSON.stringify(threat));
