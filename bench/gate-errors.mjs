// How often gates pass though the model lies on the limit, so that every pass is an error: 10,000 runs of each, with the
// intervals that judge a run. `over: spec` shares the error out over the gates of a spec (m of them, independent here).
//   node bench/gate-errors.mjs [runs]
import { Stream } from '../packages/api/dist/index.js';
import { anytime, computeMetric } from '../packages/core/dist/index.js';

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

/**
 * The same for `gate: early`: a gate that looks after every sample and ends a cell as soon as it is decided. Errors are passes of
 * a model on its limit; and how many samples a model takes that is clearly better than its limit, or clearly worse.
 */
const atAnyTime = new Map();
function isDecided(k, n, limit) {
  const key = `${k}/${n}/${limit}`;
  if (!atAnyTime.has(key)) {
    const measures = new Map([['robustAccuracy', () => ({ rate: [k, n] })]]);
    const [low, high] = computeMetric(measures, 'robustAccuracy', [], level, anytime).interval;
    atAnyTime.set(key, low >= limit ? 'pass' : high < limit ? 'fail' : undefined);
  }
  return atAnyTime.get(key);
}

function early(stream, rate, limit, most) {
  for (let n = 1, k = 0; n <= most; n++) {
    if (stream.uniform() < rate) k++;
    const decision = isDecided(k, n, limit);
    if (decision) return { decision, n };
  }
  return { n: most };
}

console.log(
  '\n| accuracy | limit | n at most | passes | fails | samples used, mean |\n|---:|---:|---:|---:|---:|---:|',
);
for (const [rate, limit] of [
  [0.5, 0.5],
  [0.9, 0.9],
  [0.95, 0.8],
  [0.6, 0.8],
  [0.8, 0.5],
])
  for (const most of [200, 1000]) {
    const stream = new Stream('gate-errors-early', rate * 100, limit * 100, most);
    const ends = Array.from({ length: runs }, () => early(stream, rate, limit, most));
    const share = (decision) => percent(ends.filter((end) => end.decision === decision).length / runs);
    const used = ends.reduce((sum, { n }) => sum + n, 0) / runs;
    console.log(
      `| ${rate} | ${limit} | ${most} | ${share('pass')} | ${share('fail')} | ${used.toFixed(0)} |`,
    );
  }
