import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { estimate, inHours } from './estimate.mjs';
import { commandOf, readOptions, usage } from './options.mjs';
import { planFor } from './plan.mjs';
import { writePage } from './page/page.mjs';
import { collect, ratesSoFar } from './results.mjs';
import { timed } from './timing.mjs';

/**
 * The paper's tables for one dataset: does the steps that are not done yet, one after the other in this process, then
 * writes results and page. Without a dataset only the page is written.
 */
export async function paper(args, { log = console.log, signal } = {}) {
  const options = readOptions(args);
  if (options.help) return log(usage);
  mkdirSync(options.output, { recursive: true });
  if (options.dataset !== undefined) await doSteps(options, { log, signal });
  await writePage(options);
  log(path.relative(process.cwd(), options.page));
}

async function doSteps(options, { log, signal }) {
  const plan = await planFor(options);
  const { store } = plan;
  const parts = plan.parts.map(({ name, steps }) => ({
    name,
    steps: steps.filter(({ id }) => options.only.test(id)),
  }));
  await announce(parts, options, store, log);
  const command = commandOf(options);
  const open = toDo(
    parts.flatMap((part) => part.steps),
    options,
    store,
  );
  try {
    for (const [i, step] of options.plan ? [] : open.entries()) {
      signal?.throwIfAborted();
      log(`${i + 1}/${open.length} ${step.id}`);
      const { result, cost } = await timed(() => step.run({ store, log, signal }));
      store.write(step, command, cost, result);
    }
  } catch (error) {
    if (error !== signal?.reason) throw error;
    log('Stopped; the same command goes on here.');
  }
  await collect(options, plan);
}

/**
 * Steps that were not done, each after what it needs: one whose record comes from elsewhere is done again where a model or
 * perturbed images of it are wanted that are not here. Parts share models: each step once. `again`: also those that were done.
 */
function toDo(steps, { again }, store) {
  const found = new Map();
  const add = (step) => {
    if (found.has(step.id)) return;
    for (const need of step.needs ?? []) if (!store.has(need)) add(need);
    found.set(step.id, step);
  };
  for (const step of steps) if (again || !store.read(step)) add(step);
  return [...found.values()];
}

/** What is left to do and how long that takes: by the rates of steps that were done, or by a probe. */
async function announce(parts, options, store, log) {
  const rates = ratesSoFar(options, parts, store);
  for (const { name, steps } of parts) {
    const undone = steps.filter((step) => !store.read(step)).length;
    const open = toDo(steps, options, store);
    for (const { cost, probe } of open) {
      if (rates.has(cost.rate) || !probe) continue;
      const rate = await probe({ store });
      if (rate !== undefined) rates.set(cost.rate, rate);
    }
    const { seconds, unknown } = estimate(open, rates);
    const more = open.length - undone;
    const why = options.again ? '' : ' for their models and images';
    const again = more > 0 ? ` and ${more} to do again${why}` : '';
    const apart = unknown > 0 ? `, and ${unknown} steps whose rate nobody has measured yet` : '';
    log(
      `${options.dataset} ${name}: ${undone} of ${steps.length} steps left${again}, about ${inHours(seconds)} on one core${apart}`,
    );
  }
}
