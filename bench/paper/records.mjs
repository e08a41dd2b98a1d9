// Records of steps as they are committed: a line of JSON each, with all that the tables need and nothing that a step can make
// again. Whoever has the repository goes on from there.
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writeWhole } from '@gauntlet/core';
import { onlySeed } from './steps/attack.mjs';
import { attackRow, columnsOfSamples, samplesOf } from './samples.mjs';

const folderOf = (results) => path.join(results, 'steps');

/** Pairs of attacks are compared sample by sample; everything else is told by counts, means and deviations. */
function compactResult({ about, result }) {
  if (about.attack === undefined) return { ...result, losses: undefined };
  const { engine, victimHash, index } = result;
  if (index === undefined) return result;
  const samples = samplesOf(result);
  return { engine, victimHash, ...(about.victim ? columnsOfSamples(samples) : { row: attackRow(samples) }) };
}

const round = (_, value) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value);

/** A record without what no table needs, as it is read back; one that is so already stays as it is. */
export const compact = (record) =>
  JSON.parse(
    JSON.stringify({ ...record, seed: record.about.seed ?? onlySeed, result: compactResult(record) }, round),
  );

/** The committed records of a dataset, or of one part, by the ids of their steps. */
export function readRecords(results, dataset, part = '') {
  const folder = folderOf(results);
  if (!existsSync(folder)) return new Map();
  const lines = readdirSync(folder)
    .filter((file) => file.startsWith(`${dataset}-${part}`) && file.endsWith('.jsonl'))
    .flatMap((file) => readFileSync(path.join(folder, file), 'utf8').split('\n'));
  return new Map(
    lines
      .filter(Boolean)
      .map((line) => JSON.parse(line))
      .map((record) => [record.id, record]),
  );
}

/** Writes the records of a part, in the order of their ids. */
export function writeRecords(results, dataset, part, records) {
  const folder = folderOf(results);
  mkdirSync(folder, { recursive: true });
  const sorted = records.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const lines = sorted.map((record) => `${JSON.stringify(record)}\n`);
  writeWhole(path.join(folder, `${dataset}-${part}.jsonl`), lines);
}

/**
 * A record beside what the same step gave before, where that differs: rounding on another machine makes another model of the
 * same seed, and numbers of two models are not mixed in a comparison.
 */
export function withEarlier(record, before) {
  if (before === undefined || JSON.stringify(before.about) !== JSON.stringify(record.about)) return record;
  const { earlier = [], date, machine, seconds, cpuSeconds, result } = before;
  const same = JSON.stringify(result) === JSON.stringify(record.result);
  const all = same ? earlier : [...earlier, { date, machine, seconds, cpuSeconds, result }];
  return all.length === 0 ? record : { ...record, earlier: all };
}

/** Each time that a step was done, as a record of its own: the first time last. */
export const everyTime = (records) =>
  records.flatMap(({ earlier = [], ...record }) => [
    record,
    ...earlier.toReversed().map((one) => ({ ...record, ...one })),
  ]);
