import { type CellReport, GauntletError, type Report, worst } from '@gauntlet/api';
import { packageVersion } from '../versions.js';
import { checkCell } from './check-cell.js';
import { checkDifference } from './check-difference.js';
import { checkWorstCase } from './check-worst-case.js';
import type { Refuse } from './refuse.js';

/**
 * A report that has the right form, with everything that follows from the outcomes computed anew.
 * @throws GauntletError `report-invalid` where what it says is not what follows
 */
export function checkReport(report: Report, file: string): Report {
  const by = report.gauntlet === packageVersion ? '' : ` (made by another version of Gauntlet)`;
  const refuse: Refuse = (field, why) => {
    throw new GauntletError('report-invalid', `${file} contradicts itself${by}: ${field}: ${why}`);
  };
  const victims = report.victims.map(({ name }) => name);
  once(victims, (i) => refuse(`victims[${i}].name`, `there are two victims "${victims[i]}".`));
  const ids = report.cells.map(({ id }) => id);
  once(ids, (i) => refuse(`cells[${i}].id`, `there are two cells "${ids[i]}".`));
  const within =
    (i: number): Refuse =>
    (field, why) =>
      refuse(`cells[${i}].${field}`, why);
  report.cells.forEach((cell, i) => checkOutcomes(cell, within(i)));
  report.cells.forEach((cell, i) => checkPlace(cell, report, within(i)));
  const { maxUnassessed, strict } = report;
  const cells = report.cells.map((cell, i) => {
    const victim = report.victims.find(({ name }) => name === cell.victim)!;
    const siblings = report.cells.filter((other) => other !== cell && other.victim === cell.victim);
    return checkCell(cell, { victim, siblings, maxUnassessed, strict }, within(i));
  });
  const worstCases = report.worstCases?.map((stated, i) =>
    checkWorstCase(stated, { ...report, cells }, (field, why) => refuse(`worstCases[${i}].${field}`, why)),
  );
  const { difference, shard } = report;
  if (difference) checkDifference(difference, refuse);
  if (shard) checkShard(shard, ids, refuse);
  const verdict = worst(
    [...cells, ...(worstCases ?? []), ...(difference ? [difference] : [])].map((one) => one.verdict),
  );
  if (report.verdict !== verdict)
    refuse('verdict', `it says ${report.verdict}, but its cells make it ${verdict}.`);
  return { ...report, cells, ...(worstCases && { worstCases }) };
}

function once(names: readonly string[], complain: (position: number) => never): void {
  const seen = new Set<string>();
  names.forEach((name, i) => (seen.has(name) ? complain(i) : seen.add(name)));
}

function checkOutcomes({ outcomes }: CellReport, refuse: Refuse): void {
  const seen = new Set<number>();
  outcomes.forEach(({ index, status, defect }, i) => {
    if (seen.has(index)) refuse(`outcomes[${i}].index`, `sample ${index} is there twice.`);
    seen.add(index);
    if (defect && status !== 'unassessed')
      refuse(`outcomes[${i}].status`, `a sample with a defect is unassessed, not ${status}.`);
  });
}

/** A cell is one of a victim of the report, over all its samples. */
function checkPlace(
  { id, victim, attack, outcomes }: CellReport,
  { victims, dataset, cells }: Report,
  refuse: Refuse,
): void {
  if (!victims.some(({ name }) => name === victim))
    refuse('victim', `there is no victim "${victim}" in the report.`);
  if (id !== `${victim}/${attack}`)
    refuse('id', `"${id}" is not "${victim}/${attack}", its victim and its attack.`);
  if (outcomes.length !== dataset.n)
    refuse('outcomes', `there are ${outcomes.length} of ${dataset.n} samples.`);
  const other = outcomes.findIndex(({ index }, at) => index !== cells[0].outcomes[at].index);
  if (other >= 0) refuse(`outcomes[${other}].index`, `${cells[0].id} has another sample there.`);
}

/** Shards take cells in turns, or those that their costs have dealt them. */
function checkShard(
  { index, count, cells: planned, own: dealt }: NonNullable<Report['shard']>,
  ids: readonly string[],
  refuse: Refuse,
): void {
  if (index > count) refuse('shard.index', `there is no shard ${index} of ${count}.`);
  once(planned, (i) => refuse(`shard.cells[${i}]`, `"${planned[i]}" is there twice.`));
  const own = dealt ?? planned.filter((_, i) => i % count === index - 1);
  once(own, (i) => refuse(`shard.own[${i}]`, `"${own[i]}" is there twice.`));
  const unplanned = own.find((id) => !planned.includes(id));
  if (unplanned !== undefined) refuse('shard.own', `"${unplanned}" is not among the cells of all shards.`);
  const missing = own.find((id) => !ids.includes(id));
  if (missing !== undefined) refuse('cells', `"${missing}" of this shard is missing.`);
  const foreign = ids.findIndex((id, i) => id !== own[i]);
  if (foreign >= 0) refuse(`cells[${foreign}].id`, `"${ids[foreign]}" is not of shard ${index} of ${count}.`);
}
