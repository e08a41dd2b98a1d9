import { commandOf, readOptions } from './options.mjs';
import { planFor } from './plan.mjs';
import { timed } from './timing.mjs';
const options = readOptions(['mnist','--part','mi','--output','/work/paper-out','--data','/work/shared/data']);
const { store, parts } = await planFor(options);
for (const step of parts[0].steps.filter(({ id }) => /pgd-.*-0000$/.test(id))) {
  if (store.read(step)) continue;
  const { result, cost } = await timed(() => step.run({ store, log: console.log }));
  store.write(step, commandOf(options), cost, result); console.log(step.id, cost);
}
