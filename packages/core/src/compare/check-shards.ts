import { isDeepStrictEqual } from 'node:util';
import {
  type CellReport,
  type Expectation,
  GauntletError,
  type Report,
  type VictimReport,
  type WorstCaseReport,
} from '@gauntlet/api';

/** A report and the file that it is from, which complaints name. */
export interface Part {
  file: string;
  report: Report;
}

/**
 * The reports in the order of their shards.
 * @throws GauntletError `merge` if there is not exactly one of each, if a cell is missing, or if they differ in what
 * one run has once: data, seed, versions, models, attacks
 */
export function checkShards(parts: readonly Part[]): Report[] {
  const [first, ...others] = parts;
  for (const { file, report } of parts) {
    if (!report.shard)
      throw wrong(`${file} (shard): its run was not one of several shards (--shard 1/n, 2/n, …).`);
  }
  const { count, cells: planned } = first.report.shard!;
  for (const { file, report } of others) {
    if (report.shard!.count !== count)
      throw wrong(
        `${file} (shard.count): it is one of ${report.shard!.count} shards, ${first.file} one of ${count}.`,
      );
  }
  const ordered = Array.from({ length: count }, (_, i) => theOnly(i + 1, count, parts));
  const ours = tableOf(first.report);
  for (const other of others) agree(first.file, ours, other);
  for (const id of planned) {
    const having = ordered.filter(({ report }) => report.cells.some((cell) => cell.id === id));
    if (having.length === 1) continue;
    const where = having.length === 0 ? 'in none of them' : having.map(({ file }) => file).join(', ');
    throw wrong(
      `"${id}" is ${having.length === 0 ? where : `in several (${where})`}: shards have to be made of the same cells, and with the same --shard-costs.`,
    );
  }
  return ordered.map(({ report }) => report);
}

const wrong = (message: string) => new GauntletError('merge', message);

function theOnly(index: number, count: number, parts: readonly Part[]): Part {
  const found = parts.filter(({ report }) => report.shard!.index === index);
  if (found.length === 0)
    throw wrong(`There is no report of shard ${index} of ${count}: run it with --shard ${index}/${count}.`);
  if (found.length > 1)
    throw wrong(
      `There are ${found.length} reports of shard ${index} of ${count}; one is needed: ${found.map(({ file }) => file).join(', ')}.`,
    );
  return found[0];
}

/** What a run has once, by the field that says it; victims and attacks by their names. */
type Table = Map<string, unknown>;

function tableOf(report: Report): Table {
  const { gauntlet, spec, seed, maxUnassessed, strict, yardstick, dataset, shard, victims, cells } = report;
  const once = { gauntlet, spec, seed, maxUnassessed, strict, yardstick };
  const { worstCases = [] } = report;
  const indices = cells[0]?.outcomes.map(({ index }) => index);
  return new Map<string, unknown>([
    ...Object.entries(once),
    ...Object.entries(dataset).map(([key, value]) => [`dataset.${key}`, value] as const),
    ['shard.cells', shard!.cells],
    ['worstCases', worstCases.map(aboutWorstCase)],
    ['the samples of the cells', indices],
    ['the threat model of the spec', [cells[0]?.threat.also, cells[0]?.threat.features]],
    ...victims.flatMap((victim) => fields(`victim ${victim.name}`, aboutVictim(victim))),
    ...cells.flatMap((cell) => fields(`attack ${cell.attack}`, aboutAttack(cell))),
  ]);
}

const fields = (of: string, values: object): (readonly [string, unknown])[] =>
  Object.entries(values).map(([key, value]) => [`${of}: ${key}`, value] as const);

/** Where the model lies and what was noted and seen of it may differ from machine to machine. */
const aboutVictim = ({ model: _, notes: __, examination: ___, ...rest }: VictimReport) => rest;

const aboutWorstCase = ({ victim, threat, cells, expectations }: WorstCaseReport) => ({
  victim,
  threat,
  cells,
  expectations: expectations.map(limitsOf),
});

const aboutAttack = ({
  use,
  version,
  params,
  threat,
  criterion,
  sweep,
  budget,
  expectations,
}: CellReport) => ({
  use,
  version,
  params,
  threat,
  criterion,
  sweep,
  budget,
  expectations: expectations.map(limitsOf),
});

const limitsOf = ({ metric, min, max, confidence }: Expectation) => ({ metric, min, max, confidence });

/** Both say the same wherever both say something. */
function agree(name: string, ours: Table, { file, report }: Part): void {
  for (const [field, value] of tableOf(report)) {
    if (ours.has(field) && !isDeepStrictEqual(ours.get(field), value))
      throw wrong(`${file} (${field}) differs from ${name}: they are not parts of one run.`);
    ours.set(field, value);
  }
}
