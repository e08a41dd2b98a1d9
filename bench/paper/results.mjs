import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writeWhole } from '@gauntlet/core';
import { ratesOf } from './estimate.mjs';
import { everyTime, readRecords, withEarlier, writeRecords } from './records.mjs';
import { planAtFullSize, remaining } from './remaining.mjs';
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

/** Processor seconds of a unit of work: as the records of these steps have them, else as the committed results do. */
export function ratesSoFar({ results }, parts, store) {
  const earlier = [...readResults(results).values()].flatMap(({ rates }) => Object.entries(rates));
  const records = parts.flatMap(({ steps }) => steps.map((step) => store.read(step)));
  return new Map([...earlier, ...ratesOf(records.filter(Boolean))]);
}

const round = (_, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value);
const different = (values) =>
  [...new Set(values.map((value) => JSON.stringify(value)))].map((text) => JSON.parse(text));

/**
 * Every record of a part: of the steps as this call has planned them and as they are at the paper's size, and what was committed
 * of other plans, such as a shorter training.
 */
function recordsOf(name, { dataset, results }, plans) {
  const steps = new Map();
  for (const { store, parts } of plans)
    for (const step of parts.find((part) => part.name === name).steps) steps.set(step.id, store.read(step));
  const committed = readRecords(results, dataset, name);
  const others = [...committed].filter(([id]) => !steps.has(id));
  const all = [...new Map([...others, ...steps]).values()].filter(Boolean);
  return all.map((record) => withEarlier(record, committed.get(record.id)));
}

/**
 * Writes the records of each part, and its results: what they say, how they were made, and what is left of the part at the
 * paper's size. A result that more steps stand behind is left as it is.
 */
export async function collect(options, plan) {
  const { dataset, results, quick } = options;
  const before = readResults(results);
  const full = quick ? plan : await planAtFullSize(options);
  const left = quick ? {} : remaining(full, ratesSoFar(options, full.parts, full.store));
  for (const { name, steps } of full.parts) {
    const done = recordsOf(name, options, [full, plan]);
    const key = `${dataset}-${name}`;
    if (done.length === 0) continue;
    writeRecords(results, dataset, name, done);
    if (done.length < (before.get(key)?.done ?? 0)) continue;
    const times = everyTime(done);
    const sum = (field) => Math.round(times.reduce((total, record) => total + record[field], 0));
    const dates = times.map(({ date }) => date.slice(0, 10)).sort();
    const result = {
      dataset,
      part: name,
      quick,
      done: done.length,
      steps: steps.length,
      left: left[name],
      commands: different(done.map(({ command }) => command)),
      machines: different(times.map(({ machine }) => machine)),
      seeds: different(done.map(({ seed }) => seed)).sort(),
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
