import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writeWhole } from '@gauntlet/core';
import { ratesOf } from './estimate.mjs';
import { summariseCauses, summariseMutualInformation, summariseReconstruction } from './summaries.mjs';

const summaries = {
  mi: summariseMutualInformation,
  reconstruction: summariseReconstruction,
  causes: summariseCauses,
};

/** Every result in a folder, by `<dataset>-<part>`. */
export function readResults(folder) {
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return new Map(
    files.map((file) => [path.parse(file).name, JSON.parse(readFileSync(path.join(folder, file), 'utf8'))]),
  );
}

/** Processor seconds of a unit of work: as these records have them, else as the committed results do. */
export function ratesSoFar({ results }, records) {
  const earlier = [...readResults(results).values()].flatMap(({ rates }) => Object.entries(rates));
  return new Map([...earlier, ...ratesOf([...records.values()].filter(Boolean))]);
}

const round = (_, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value);
const different = (values) =>
  [...new Set(values.map((value) => JSON.stringify(value)))].map((text) => JSON.parse(text));

/**
 * Writes the results of each part: what its done steps say, how they were made, and what is left of the part at the paper's
 * size. A result that more steps stand behind is left as it is.
 */
export function collect({ dataset, results, quick }, parts, records, left) {
  const before = readResults(results);
  for (const { name, steps } of parts) {
    const done = steps.map(({ id }) => records.get(id)).filter(Boolean);
    const key = `${dataset}-${name}`;
    if (done.length === 0 || done.length < (before.get(key)?.done ?? 0)) continue;
    const sum = (field) => Math.round(done.reduce((total, record) => total + record[field], 0));
    const dates = done.map(({ date }) => date.slice(0, 10)).sort();
    const result = {
      dataset,
      part: name,
      quick,
      done: done.length,
      steps: steps.length,
      left: left[name],
      commands: different(done.map(({ command }) => command)),
      machines: different(done.map(({ machine }) => machine)),
      from: dates[0],
      to: dates.at(-1),
      seconds: sum('seconds'),
      cpuSeconds: sum('cpuSeconds'),
      rates: Object.fromEntries(ratesOf(done)),
      ...summaries[name](done),
    };
    mkdirSync(results, { recursive: true });
    writeWhole(path.join(results, `${key}.json`), [`${JSON.stringify(result, round, 1)}\n`]);
  }
}
