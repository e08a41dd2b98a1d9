// Seconds and largest memory of a report of many outcomes: judged, written, merged of two shards, and as a page. Each step
// is a process of its own.
//   node bench/large-report.mjs [samples] [cells]        (after npm run build; 1,000,000 outcomes by default)
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Stream } from '@gauntlet/api';
import { reportText } from '@gauntlet/reporters';
import { createJiti } from 'jiti';

const sources = createJiti(import.meta.url);
const core = (name) => sources.import(`../packages/core/src/${name}.ts`);
const { reportCell } = await core('4-judge/build-report');
const { standardMeasures } = await core('4-judge/open-metrics');
const { writeWhole } = await core('store/write-whole');
const { packageVersion } = await core('versions');

const [samples = 100_000, cells = 10] = process.argv.slice(2, 4).map(Number);
const hash = '0'.repeat(64);

const model = {
  name: 'model',
  kind: 'classifier',
  model: 'model.onnx',
  engine: 'onnx:cpu',
  inputShape: [28, 28, 1],
  bounds: [0, 1],
  classes: 10,
  outputScale: 'logits',
  featureSource: { kind: 'patches' },
  hash,
  gradients: 'exact',
  notes: [],
};

/** What an attack on a classifier leaves of a sample, all fields filled. */
function outcome(index, random) {
  const broken = random.uniform() < 0.3;
  const number = (scale) => scale * random.uniform();
  const clean = {
    label: index % 10,
    cleanPrediction: index % 10,
    cleanConfidence: number(1),
    cleanLoss: number(3),
  };
  const lengths = { linf: 0.1, l2: number(2), l1: number(30), l0: random.integer(784) };
  const cost = { forwards: 41, gradients: 40, zeroGradients: 0, seconds: number(0.1) };
  const met = broken && { forwardsToSuccess: 11, gradientsToSuccess: 10, brokenRounded: true };
  return {
    index,
    status: broken ? 'broken' : 'held',
    ...clean,
    prediction: (index + (broken ? 1 : 0)) % 10,
    confidence: number(1),
    loss: number(5),
    ...lengths,
    mi: number(8),
    miSelf: 8,
    ...cost,
    ...met,
  };
}

function cell(n) {
  const random = new Stream('large-report', n);
  const attack = {
    name: `pgd-${n}`,
    use: 'pgd',
    version: 1,
    params: { epsilon: 0.1 },
    threat: { norm: 'linf', epsilon: 0.1 },
    usesGradients: true,
    expectations: [{ metric: 'asr', max: 0.9 }],
  };
  const indices = Array.from({ length: samples }, (_, i) => i);
  const found = new Map(indices.map((index) => [index, outcome(index, random)]));
  const of = { id: `model/${attack.name}`, victim: model, attack };
  const judging = { maxUnassessed: 0, strict: true };
  return reportCell(
    standardMeasures,
    of,
    hash,
    indices,
    found,
    { traces: [], otherEngines: new Set() },
    judging,
    model,
  );
}

function report(shard) {
  const ids = Array.from({ length: cells }, (_, n) => `model/pgd-${n}`);
  const own = ids.map((_, n) => n).filter((n) => n % shard.count === shard.index - 1);
  return {
    format: 'gauntlet-report',
    version: 1,
    gauntlet: packageVersion,
    spec: 'large.robust.yaml',
    seed: 1,
    verdict: 'pass',
    interrupted: false,
    maxUnassessed: 0,
    strict: true,
    shard: { ...shard, cells: ids },
    dataset: { name: 'synthetic', n: samples, imageShape: [28, 28, 1], hash },
    victims: [model],
    cells: own.map(cell),
    execution: {
      startedAt: new Date(0).toISOString(),
      seconds: 1,
      workers: 1,
      node: process.version,
      retries: [],
      reused: 0,
      reusedCells: [],
    },
  };
}

const cli = path.join(import.meta.dirname, '../packages/cli/bin/gauntlet.js');

function time(label, args, file) {
  const started = performance.now();
  const watching = ['-e', `process.on('exit', () => console.error('peak', process.resourceUsage().maxRSS))`];
  const preload = `data:text/javascript,${encodeURIComponent(watching[1])}`;
  const { status, stderr } = spawnSync(process.execPath, ['--import', preload, ...args], {
    encoding: 'utf8',
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const peak = (Number(/peak (\d+)/.exec(stderr)?.[1]) / 1024).toFixed(0);
  if (status !== 0) throw new Error(`${label}: exit code ${status}\n${stderr}`);
  console.log(
    `${label.padEnd(28)} ${seconds.padStart(6)} s ${peak.padStart(6)} MB   ${(statSync(file).size / 1e6).toFixed(1)} MB`,
  );
}

const [, , , , shardIndex, folder] = process.argv;
if (shardIndex)
  writeWhole(path.join(folder, 'report.json'), reportText(report({ index: Number(shardIndex), count: 2 })));
else {
  const home = mkdtempSync(path.join(tmpdir(), 'gauntlet-large-'));
  const shards = [1, 2].map((index) => path.join(home, `shard-${index}`));
  console.log(`${samples} samples × ${cells} cells       wall   memory   file`);
  for (const [i, shard] of shards.entries()) {
    mkdirSync(shard);
    const args = [import.meta.filename, samples, cells, i + 1, shard].map(String);
    time(`shard ${i + 1} judged and written`, args, path.join(shard, 'report.json'));
  }
  const whole = path.join(home, 'whole');
  time(
    'merged, with all reports',
    [cli, 'merge', ...shards, '--output', whole],
    path.join(whole, 'report.json'),
  );
  time('page of the whole', [cli, 'report', whole], path.join(whole, 'report.html'));
  rmSync(home, { recursive: true });
}
