import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { estimate, inHours } from './estimate.mjs';
import { commandOf, readOptions } from './options.mjs';
import { planFor } from './plan.mjs';
import { writePage } from './page/page.mjs';
import { remaining } from './remaining.mjs';
import { collect, ratesSoFar } from './results.mjs';
import { timed } from './timing.mjs';

/**
 * The paper's tables for one dataset: does the steps that are not done yet, one after the other in this process, then
 * writes results and page. Without a dataset only the page is written.
 */
export async function paper(args, { log = console.log, signal } = {}) {
  const options = readOptions(args);
  mkdirSync(options.output, { recursive: true });
  if (options.dataset !== undefined) await doSteps(options, { log, signal });
  await writePage(options);
  log(path.relative(process.cwd(), options.page));
}

async function doSteps(options, { log, signal }) {
  const { store, parts } = await planFor(options);
  // Parts share models: each step once.
  const steps = [...new Map(parts.flatMap((part) => part.steps).map((step) => [step.id, step])).values()];
  const records = new Map(steps.map((step) => [step.id, store.read(step)]));
  await announce(parts, records, options, store, log);
  const command = commandOf(options);
  if (!options.plan) {
    const open = steps.filter(({ id }) => !records.get(id));
    for (const [i, step] of open.entries()) {
      if (signal?.aborted) break;
      log(`${i + 1}/${open.length} ${step.id}`);
      const { result, cost } = await timed(() => step.run({ store, log, signal }));
      records.set(step.id, store.write(step, command, cost, result));
    }
  }
  const rates = ratesSoFar(options, records);
  collect(options, parts, records, options.quick ? {} : await remaining(options, rates));
}

/** What is left to do and how long that takes: by the rates of steps that were done, or by a probe. */
async function announce(parts, records, options, store, log) {
  const rates = ratesSoFar(options, records);
  for (const { name, steps } of parts) {
    const open = steps.filter(({ id }) => !records.get(id));
    for (const { cost, probe } of open) {
      if (rates.has(cost.rate) || !probe) continue;
      const rate = await probe({ store });
      if (rate !== undefined) rates.set(cost.rate, rate);
    }
    const { seconds, unknown } = estimate(open, rates);
    const apart = unknown > 0 ? `, and ${unknown} steps whose rate nobody has measured yet` : '';
    log(
      `${options.dataset} ${name}: ${open.length} of ${steps.length} steps left, about ${inHours(seconds)} on one core${apart}`,
    );
  }
}
