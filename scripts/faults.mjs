// Disturbs runs in every way we know, at random moments: npm run faults -- --minutes 10 --seed 1
import { parseArgs } from 'node:util';
import { campaign } from '../test/faults/campaign.mjs';
import { kinds } from '../test/faults/kinds.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    /** Rounds, each with every kind; as many as the time allows by default. */
    times: { type: 'string', default: 'Infinity' },
    kind: { type: 'string', multiple: true, default: Object.keys(kinds) },
  },
});
const unknown = values.kind.filter((name) => !(name in kinds));
if (unknown.length > 0) {
  console.error(
    `No kind of fault is called ${unknown.join(', ')}. There are: ${Object.keys(kinds).join(', ')}.`,
  );
  process.exit(2);
}
const table = await campaign({
  names: values.kind,
  seed: Number(values.seed),
  minutes: Number(values.minutes),
  times: Number(values.times),
  say: (line) => console.log(line),
});
console.log(`\n${'kind'.padEnd(18)}${'done'.padStart(6)}${'not ok'.padStart(8)}`);
for (const [name, { done, wrong }] of table)
  console.log(`${name.padEnd(18)}${String(done).padStart(6)}${String(wrong).padStart(8)}`);
process.exit([...table.values()].some(({ wrong }) => wrong > 0) ? 1 : 0);
