// How often gates pass though the model lies on the limit, so that every pass is an error: 10,000 runs of each, with the
// intervals that judge a run. `over: spec` shares the error out over the gates of a spec (m of them, independent here).
//   node bench/gate-errors.mjs [runs]
import { Stream } from '../packages/api/dist/index.js';
import { computeMetric } from '../packages/core/dist/index.js';

const runs = Number(process.argv[2] ?? 10_000);
const level = 0.95;

/** Whether a gate `robustAccuracy: { min: rate }` passes on n samples of a model whose accuracy is that rate. */
function passes(stream, rate, n, confidence) {
  let k = 0;
  for (let i = 0; i < n; i++) if (stream.uniform() < rate) k++;
  const measures = new Map([['robustAccuracy', () => ({ rate: [k, n] })]]);
  return computeMetric(measures, 'robustAccuracy', [], confidence).interval[0] >= rate;
}

const percent = (share) => `${(100 * share).toFixed(2)} %`;
console.log(
  '| accuracy = limit | n | gates | some gate passes: each at 95 % | over the spec |\n|---:|---:|---:|---:|---:|',
);
for (const rate of [0.5, 0.9])
  for (const n of [100, 1000])
    for (const m of [1, 10]) {
      const stream = new Stream('gate-errors', rate * 100, n, m);
      const shares = [level, 1 - (1 - level) / m].map((confidence) => {
        let errors = 0;
        for (let run = 0; run < runs; run++)
          if (Array.from({ length: m }, () => passes(stream, rate, n, confidence)).some(Boolean)) errors++;
        return errors / runs;
      });
      console.log(`| ${rate} | ${n} | ${m} | ${shares.map(percent).join(' | ')} |`);
    }
